import * as l10n from '@vscode/l10n';
import type { LayerComparison, LayerState } from '../core/compare/compareModels';
import { problemText } from './problemText';

/** The state of a layer in two models, in words. */
export function stateText(state: LayerState): string {
  switch (state) {
    case 'equal': return l10n.t('equal');
    case 'changed': return l10n.t('changed');
    case 'not-compared': return l10n.t('not compared');
    case 'only-a': return l10n.t('only in A');
    case 'only-b': return l10n.t('only in B');
  }
}

/** Why a layer that both models have was not compared weight by weight; `''` when it was. */
export function layerObstacleText({ a, b, changes, difference, problem }: LayerComparison): string {
  if (problem) return problemText(problem).title;
  if (!a || !b || difference) return '';
  return changes.includes('shape') ? l10n.t('shape differs') : l10n.t('its codes are not read as weights');
}

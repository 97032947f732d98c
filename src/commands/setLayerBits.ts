import * as l10n from '@vscode/l10n';
import type { BitWidth } from '../core/plan/layerSettings';
import { setWidth } from '../editor/setWidth';
import type { Services } from '../services';
import { measuredPick } from './measuredPick';
import { bitsChoices } from './settingChoices';
import { targetLayersToEdit } from './target';

/** The command that sets one bit width: menus carry no arguments, so there is one for each. */
export function setLayerBits(bits: BitWidth): (services: Services, argument: unknown) => void {
  return (services, argument) => {
    const target = targetLayersToEdit(services, argument);
    if (!target) return;
    setWidth(target.document, target.layers, bits);
    target.returnFocus();
  };
}

/** Asks for the bit width, showing what each would cost. */
export async function chooseLayerBits(services: Services, argument: unknown): Promise<void> {
  const target = targetLayersToEdit(services, argument);
  if (!target) return;
  const now = target.model.planFeed.settingsOf(target.layers[0].index) ?? {};
  const choice = await measuredPick(services, target, {
    title: l10n.t('Set Bit Width'), position: null, decided: {}, choices: bitsChoices(now),
  });
  if (choice !== undefined && choice !== 'back' && choice.bits !== undefined) setWidth(target.document, target.layers, choice.bits);
  target.returnFocus();
}

import * as l10n from '@vscode/l10n';
import type { FewPositions } from '../core/calibration/fewPositions';

/** A model may have thousands of layers. */
const NAMES_SHOWN = 3;

/** What it means for a layer that it is rounded by so few positions. */
export function fewPositionsText({ positions, inputs }: FewPositions): string {
  return l10n.t(
    'Rounded by {0} positions of the calibration data for {1} inputs: on other data the error may be larger than rounded to nearest; more samples help',
    positions, inputs,
  );
}

/** The same of the layers of a copy; null where there are no such. */
export function fewPositionsCaveat(layers: readonly { name: string; fewPositions: FewPositions | null }[]): string | null {
  const few = layers.flatMap(({ name, fewPositions }) => (
    fewPositions ? [l10n.t('{0} ({1} for {2})', name, fewPositions.positions, fewPositions.inputs)] : []
  ));
  if (few.length === 0) return null;
  const shown = few.slice(0, NAMES_SHOWN).join(', ');
  const names = few.length > NAMES_SHOWN ? l10n.t('{0} and {1} more', shown, few.length - NAMES_SHOWN) : shown;
  return l10n.t(
    'Rounded by fewer positions of the calibration data than layers have inputs: {0}. On other data their error may be larger than rounded to nearest, whatever output SQNR says; more samples help.',
    names,
  );
}

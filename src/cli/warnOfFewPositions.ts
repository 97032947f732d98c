import type { LayerPreview } from '../protocol/coreService';
import { fewPositionsCaveat } from '../protocol/fewPositionsText';
import { printable } from '../protocol/plainText';
import type { Session } from './session';

/** Says which layers of a copy are rounded by so little that other data may show more error. */
export function warnOfFewPositions(layers: readonly LayerPreview[], warn: Session['warn']): void {
  const caveat = fewPositionsCaveat(layers);
  if (caveat !== null) warn(`warning: ${printable(caveat)}`);
}

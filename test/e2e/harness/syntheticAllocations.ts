import type { LayerOptions } from '../../../src/core/allocation/layerOptions';
import { allocationCurve, codingLengthCurve, equalWidths } from '../../../src/core/allocation/allocationCurve';
import { withFixedWidth } from '../../../src/core/allocation/endLayers';
import type { Allocation } from '../../../src/core/allocation/allocateBits';
import type { AllocationTarget } from '../../../src/protocol/allocation';
import type { AllocationChoice, AllocationChoices, FoundAllocation } from '../../../src/protocol/allocationPage';
import type { LayerRow } from '../../../src/protocol/page';

/** Noise falls by 6 dB a bit, from a level of each layer's own. */
function optionsOf(layers: readonly LayerRow[]): LayerOptions[] {
  return layers.filter(({ reason }) => reason === null).map(({ index, elements, bytes }) => ({
    layer: index,
    codingLength: 1 + ((index * 5) % 4),
    options: [
      ...([2, 3, 4, 5, 6, 7, 8] as const).map((bits) => ({
        bits, weightBits: elements * bits, bytes: Math.ceil((elements * bits) / 8) + 40, noise: (1 + ((index * 7) % 5)) * 4 ** -bits,
      })),
      { bits: 'float' as const, weightBits: elements * 32, bytes, noise: 0 },
    ],
  }));
}

export function allocationsOf(
  layers: readonly LayerRow[], { endsFixed = false, codingLengths = false } = {},
): AllocationChoices {
  const measured = optionsOf(layers);
  const ends = [measured[0]!.layer, measured.at(-1)!.layer];
  const options = endsFixed ? withFixedWidth(measured, ends, 8) : measured;
  let next = 0;
  const choice = (allocation: Allocation): AllocationChoice => choiceOf(layers, options, allocation, next++);
  const curve = (unit: 'weightBits' | 'bytes'): AllocationChoices['bytes'] => ({
    optimal: allocationCurve(options, unit).map(choice),
    codingLength: codingLengths ? codingLengthCurve(options, unit).map(choice) : null,
  });
  return {
    by: 'sqnr', layers: options.length,
    ends: { names: ends.map((layer) => layers[layer]!.name), fixed: endsFixed },
    weightBits: curve('weightBits'), bytes: curve('bytes'), equal: equalWidths(options, 'weightBits').map(choice),
  };
}

/** The last corner that keeps to an average; other targets are out of reach here. */
export function foundFor(
  layers: readonly LayerRow[], target: AllocationTarget, shown: { endsFixed: boolean; codingLengths: boolean },
): FoundAllocation {
  if (!('averageBits' in target) || target.averageBits < 2) return { problem: 'No choice of bit widths brings the average that low. The least is 2.00 bits.' };
  const { optimal } = allocationsOf(layers, shown).weightBits;
  return { point: { ...optimal.filter(({ averageBits }) => averageBits <= target.averageBits).at(-1)!, id: 5000 } };
}

function choiceOf(
  layers: readonly LayerRow[], options: readonly LayerOptions[], { widths, noise }: Allocation, id: number,
): AllocationChoice {
  const chosen = widths.map(({ bits }, i) => options[i]!.options.find((option) => option.bits === bits)!);
  const sum = (of: (option: (typeof chosen)[number]) => number): number => chosen.reduce((total, option) => total + of(option), 0);
  const most = Math.max(...chosen.map((option) => option.noise));
  const counts = new Map<AllocationChoice['widths'][number]['bits'], number>();
  for (const { bits } of widths) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  return {
    id, noiseDb: 10 * Math.log10(noise), bytes: sum(({ bytes }) => bytes) + 500,
    averageBits: sum(({ weightBits }) => weightBits) / options.reduce((total, { layer }) => total + layers[layer]!.elements, 0),
    worst: { name: layers[options[chosen.findIndex((option) => option.noise === most)]!.layer]!.name, sqnrDb: -10 * Math.log10(most) },
    widths: [...counts].map(([bits, count]) => ({ bits, layers: count })).sort((a, b) => Number(a.bits) - Number(b.bits)),
  };
}

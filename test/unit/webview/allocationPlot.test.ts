import { describe, expect, test } from 'vitest';
import type { AllocationChoice } from '../../../src/protocol/allocationPage';
import {
  allocationTables, choiceByKey, chosenOf, describeAllocations, firstChoice, nearestTo, seriesOf, type AllocationPlot,
} from '../../../webview/allocationPlot';

function choice(id: number, averageBits: number, noiseDb: number | null, bytes = 1000 * averageBits): AllocationChoice {
  return { id, averageBits, bytes, noiseDb, worst: { name: `w${id}`, sqnrDb: 12.34 }, widths: [{ bits: 2, layers: 3 }, { bits: 'float', layers: 1 }] };
}

const optimal = [choice(0, 2, 0), choice(1, 4, -10), choice(2, 8, null)];
const plot: AllocationPlot = {
  choices: {
    by: 'sqnr', layers: 4, ends: { names: ['a', 'b'], fixed: false }, equal: [choice(3, 2, 0), choice(4, 5, -9)],
    weightBits: { optimal, codingLength: null }, bytes: { optimal: [...optimal].reverse(), codingLength: [choice(5, 3, -2)] },
  },
  unit: 'weightBits', found: null, seeking: false, chosen: 1,
};

describe('the chart of allocations', () => {
  test('has a line for each way to choose that is known, by rising cost', () => {
    expect(seriesOf(plot).map(({ id }) => id)).toEqual(['optimal', 'equal']);
    const bySize = seriesOf({ ...plot, unit: 'bytes', found: choice(6, 3, -1) });
    expect(bySize.map(({ id, points }) => [id, points.map((point) => point.id)])).toEqual(
      [['optimal', [0, 1, 2]], ['codingLength', [5]], ['equal', [3, 4]], ['found', [6]]],
    );
  });

  test.each([
    ['ArrowRight', 1, 2], ['ArrowRight', 2, 2], ['ArrowLeft', 0, 0], ['ArrowLeft', 4, 3], ['Home', 4, 3], ['End', 0, 2],
    ['ArrowDown', 1, 4], ['ArrowUp', 4, 1], ['ArrowDown', 0, 3], ['ArrowRight', null, 0],
  ])('%s leads from %j to %j', (key, chosen, to) => expect(choiceByKey(key, { ...plot, chosen })?.id).toBe(to));

  test('opens at the cost of four bits for the layers that get a width, whatever others have', () => {
    const equal = (id: number, bits: 4 | 8, averageBits: number): AllocationChoice => ({ ...choice(id, averageBits, -8), widths: [{ bits, layers: 4 }] });
    const halfInFloat = { ...plot.choices, equal: [equal(7, 4, 8.5), equal(8, 8, 12)] };
    expect(firstChoice(halfInFloat, 'weightBits')?.id).toBe(2);
    expect(firstChoice({ ...plot.choices, equal: [equal(7, 4, 4)] }, 'weightBits')?.id).toBe(1);
    expect(firstChoice(plot.choices, 'weightBits')?.id).toBe(1);
    expect(firstChoice({ ...plot.choices, weightBits: { optimal: [], codingLength: null }, equal: [] }, 'weightBits')).toBeNull();
  });

  test('leaves other keys alone', () => {
    expect(choiceByKey('a', plot)).toBeNull();
    expect(chosenOf({ ...plot, chosen: 77 })).toBeNull();
    expect(nearestTo([], 4, 'bytes')).toBeNull();
  });

  test('says in words and in a table what it shows', () => {
    expect(describeAllocations(plot)).toContain('5.00 bits on average · 4.9 KB · error −9.0 dB: least error at no more cost is −10.0 dB.');
    const [first] = allocationTables(plot);
    expect(first!.rows[2]).toEqual(['8.00', '7.8 KB', '−∞', 'w2', '12.3', '2 bits: 3 · Float: 1']);
  });
});

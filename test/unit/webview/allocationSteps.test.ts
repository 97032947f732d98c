import { describe, expect, test } from 'vitest';
import type { AllocationChoice, AllocationChoices } from '../../../src/protocol/allocationPage';
import type { AllocationPlot } from '../../../webview/allocationPlot';
import { choose, plotOf, withFound, withUnit } from '../../../webview/allocationSteps';

function choice(id: number, averageBits: number, bytes = 1000 * averageBits): AllocationChoice {
  return { id, averageBits, bytes, noiseDb: -averageBits, worst: null, widths: [{ bits: 2, layers: 3 }] };
}

function choicesFrom(first: number): AllocationChoices {
  const curve = { optimal: [choice(first, 2), choice(first + 1, 4), choice(first + 2, 8)], codingLength: null };
  const bytes = { optimal: [choice(first + 3, 3), choice(first + 4, 7)], codingLength: null };
  return { by: 'sqnr', layers: 3, ends: { names: [], fixed: false }, weightBits: curve, bytes, equal: [] };
}

const opened = plotOf(choicesFrom(0), 'weightBits', null, null);
const sought = { ...opened, seeking: true };
const target = choice(50, 4.5);

function choosing(plot: AllocationPlot, ...choices: AllocationChoice[]): AllocationPlot {
  const changed = { ...plot };
  for (const each of choices) choose(changed, each);
  return changed;
}

describe('the chart of allocations', () => {
  test('opens at four bits, without a target', () => {
    expect(opened).toMatchObject({ found: null, seeking: false, chosen: 1 });
  });

  test('marks and chooses what reaches the target', () => {
    expect(withFound(sought, { point: target })).toMatchObject({ found: target, chosen: 50 });
  });

  test('leaves a choice alone that was made while a target was looked for', () => {
    const plot = withFound(choosing(sought, choice(2, 8)), { point: target });
    expect(plot).toMatchObject({ found: target, chosen: 2 });
  });

  test('keeps the target chosen when other choices come', () => {
    const found = withFound(sought, { point: target });
    const again = choice(90, 4.4);
    expect(plotOf(choicesFrom(60), 'weightBits', { point: again }, found)).toMatchObject({ found: again, chosen: 90 });
    const returned = choosing(found, choice(0, 2), target);
    expect(plotOf(choicesFrom(60), 'weightBits', { point: again }, returned).chosen).toBe(90);
  });

  test('keeps another choice, and marks the target beside it', () => {
    const found = choosing(withFound(sought, { point: target }), choice(2, 8));
    expect(plotOf(choicesFrom(60), 'weightBits', { point: target }, found)).toMatchObject({ found: target, chosen: 62 });
  });

  test('has no target where none is reached any more, and takes it up when it is', () => {
    const found = withFound(sought, { point: target });
    const refused = plotOf(choicesFrom(60), 'weightBits', { problem: 'none' }, found);
    expect(refused).toMatchObject({ found: null, chosen: 61 });
    expect(plotOf(choicesFrom(70), 'weightBits', { point: target }, refused).chosen).toBe(50);
  });

  test('goes to the nearest choice of another unit, and keeps what both have', () => {
    expect(withUnit(opened, 'bytes').chosen).toBe(3);
    expect(withUnit(withFound(sought, { point: target }), 'bytes').chosen).toBe(50);
  });
});

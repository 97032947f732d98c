import type { AllocationAction, AllocationChoices, FoundAllocation } from '../src/protocol/allocationPage';
import { createAllocationDialog } from './allocationDialog';
import { chosenOf, costOf, firstChoice, nearestTo, type AllocationPlot, type AllocationUnit } from './allocationPlot';

export interface AllocationPanel {
  element: HTMLElement;
  /** Null takes the panel away. */
  show(choices: AllocationChoices | null): void;
  /** Answers the target that was typed. */
  found(found: FoundAllocation): void;
  /** Draws again, in another theme. */
  redraw(): void;
}

/** A dialog over the page: error against size, from which one choice of bit widths is applied to the plan. */
export function createAllocationPanel(post: (action: AllocationAction) => void, returnFocus: () => void): AllocationPanel {
  let plot: AllocationPlot | null = null;
  /** Stays as chosen while the panel is away. */
  let unit: AllocationUnit = 'weightBits';
  const hide = (): void => {
    plot = null;
    dialog.hide();
  };
  const dialog = createAllocationDialog({
    post,
    returnFocus,
    onChoose(choice) {
      if (!plot) return;
      plot.chosen = choice.id;
      dialog.renderChoice(plot);
    },
    onUnit(next) {
      unit = next;
      if (!plot) return;
      const before = chosenOf(plot)?.point;
      plot.unit = unit;
      if (before && !chosenOf(plot)) plot.chosen = nearestOptimal(plot, costOf(before, unit));
      dialog.render(plot);
    },
    onApply() {
      const chosen = plot && chosenOf(plot);
      if (chosen) post({ kind: 'apply', point: chosen.point.id });
    },
    onClose() {
      post({ kind: 'close' });
      hide();
    },
  });

  return {
    element: dialog.element,
    show(choices) {
      if (!choices) return hide();
      const before = plot && chosenOf(plot);
      plot = { choices, unit, found: null, chosen: null };
      plot.chosen = before
        ? nearestOptimal(plot, costOf(before.point, unit))
        : firstChoice(choices, unit)?.id ?? null;
      dialog.show(plot);
    },
    found(answer) {
      if (!plot) return;
      dialog.refuse('problem' in answer ? answer.problem : '');
      if (!('point' in answer)) return;
      plot.found = answer.point;
      plot.chosen = answer.point.id;
      dialog.render(plot);
    },
    redraw: () => plot && dialog.render(plot),
  };
}

function nearestOptimal({ choices, unit }: AllocationPlot, cost: number): number | null {
  return nearestTo(choices[unit].optimal, cost, unit)?.id ?? null;
}

import type { AllocationAction, AllocationChoices, FoundAllocation } from '../src/protocol/allocationPage';
import { createAllocationDialog } from './allocationDialog';
import { chosenOf, type AllocationPlot, type AllocationUnit } from './allocationPlot';
import { choose, plotOf, withFound, withUnit } from './allocationSteps';

export interface AllocationPanel {
  element: HTMLElement;
  /** Shows all there is to choose from, and what answers the target that was typed last. */
  show(choices: AllocationChoices, found: FoundAllocation | null): void;
  hide(): void;
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
      choose(plot, choice);
      dialog.renderChoice(plot);
    },
    onTarget(target) {
      if (plot) plot.seeking = true;
      post({ kind: 'find', target });
    },
    onUnit(next) {
      unit = next;
      if (!plot) return;
      plot = withUnit(plot, unit);
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
    show(choices, found) {
      plot = plotOf(choices, unit, found, plot);
      dialog.show(plot);
      if (found) dialog.refuse(refusalOf(found));
    },
    hide,
    found(found) {
      if (!plot) return;
      plot = withFound(plot, found);
      dialog.refuse(refusalOf(found));
      dialog.render(plot);
    },
    redraw: () => plot && dialog.render(plot),
  };
}

function refusalOf(found: FoundAllocation): string {
  return 'problem' in found ? found.problem : '';
}

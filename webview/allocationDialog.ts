import * as l10n from '@vscode/l10n';
import type { AllocationTarget } from '../src/protocol/allocation';
import type { AllocationAction, AllocationChoices } from '../src/protocol/allocationPage';
import { createAllocationChart, type AllocationChartEvents } from './allocationChart';
import { choiceText, chosenOf, seriesName, seriesOf, worstText, type AllocationPlot, type AllocationUnit } from './allocationPlot';
import { createTargetField, type TargetField } from './allocationTargetField';
import { element, keepKeys, setText } from './dom';
import { button, checkbox } from './toolkit';
import { createWidthBars } from './widthBars';

export interface AllocationDialog {
  element: HTMLElement;
  /** Opens, unless it is open, with the keyboard on the chart and no target. */
  show(plot: AllocationPlot): void;
  hide(): void;
  render(plot: AllocationPlot): void;
  /** Draws the same plot again, where another choice of it is marked. */
  renderChoice(plot: AllocationPlot): void;
  /** Says why there is no choice that reaches the target; an empty text says nothing. */
  refuse(text: string): void;
}

export interface AllocationDialogEvents extends AllocationChartEvents {
  post(action: AllocationAction): void;
  onTarget(target: AllocationTarget): void;
  onUnit(unit: AllocationUnit): void;
  /** The dialog is to be closed. */
  onClose(): void;
  /** It is closed, and the focus is to go elsewhere. */
  returnFocus(): void;
}

/** A dialog over the page that shows a plot of allocations and reports what is done to it. */
export function createAllocationDialog(events: AllocationDialogEvents): AllocationDialog {
  const title = element('h2', '', l10n.t('Allocate Bits'));
  title.id = 'allocation-title';
  const explanation = element('p', 'hint');
  const chart = createAllocationChart(events);
  const readout = createReadout();
  const options = createOptions(events);
  const apply = button(l10n.t('Apply'), 'primary', events.onApply);
  const cancel = button(l10n.t('Cancel'), 'secondary', events.onClose);
  const dialog = element('dialog', 'allocation',
    element('div', 'allocation-content', title, explanation, chart.element, readout.element, options.element),
    element('div', 'allocation-actions', apply, cancel));
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    events.onClose();
  });

  const renderReadout = (plot: AllocationPlot): void => {
    readout.render(plot);
    apply.disabled = !chosenOf(plot);
  };
  const render = (plot: AllocationPlot): void => {
    setText(explanation, explanationOf(plot.choices.by));
    options.render(plot);
    chart.render(plot);
    renderReadout(plot);
  };
  return {
    element: dialog,
    show(plot) {
      const opens = !dialog.open;
      if (opens) {
        options.target.clear();
        dialog.showModal();
      }
      render(plot);
      if (opens) chart.focus();
    },
    hide() {
      chart.render(null);
      if (!dialog.open) return;
      dialog.close();
      events.returnFocus();
    },
    render,
    renderChoice(plot) {
      renderReadout(plot);
      chart.renderChoice();
    },
    refuse: options.target.refuse,
  };
}

interface Part {
  element: HTMLElement;
  render(plot: AllocationPlot): void;
}

/** The choice in words, and how many layers have which width in it. */
function createReadout(): Part {
  const text = element('span', 'point-text');
  const facts = element('span', 'hint');
  const status = element('p', 'point-status', text, facts);
  status.setAttribute('role', 'status');
  const bars = createWidthBars();
  return {
    element: element('div', 'allocation-choice', status, bars.element),
    render(plot) {
      const chosen = chosenOf(plot);
      setText(text, chosen ? `${seriesName(chosen.series.id)}: ${choiceText(chosen.point)}` : '');
      setText(facts, chosen ? worstText(chosen.point, plot.choices.by) : '');
      bars.render(chosen?.point ?? null);
    },
  };
}

/** What the chart shows, and a target instead of a point of it. */
function createOptions(
  { post, onTarget, onUnit }: Pick<AllocationDialogEvents, 'post' | 'onTarget' | 'onUnit'>,
): Part & { target: TargetField } {
  const unit = element('select', 'bits-select',
    new Option(l10n.t('Bits on average'), 'weightBits'), new Option(l10n.t('Size on disk'), 'bytes'));
  unit.addEventListener('change', () => onUnit(unit.value === 'bytes' ? 'bytes' : 'weightBits'));
  keepKeys(unit);
  const target = createTargetField(onTarget);
  const ends = checkbox(l10n.t('First and last layer keep 8 bits'), (fixed) => post({ kind: 'ends', fixed }));
  const lengths = button(l10n.t('Compare with Coding Lengths'), 'secondary', () => post({ kind: 'codingLengths' }));
  lengths.title = l10n.t('Lets the bits decide that weights take when coded up to a given error. Takes long for large layers.');
  return {
    element: element('div', 'allocation-options', element('label', '', l10n.t('Horizontal axis'), unit), target.element, ends, lengths),
    target,
    render(plot) {
      const { names, fixed } = plot.choices.ends;
      ends.checked = fixed;
      ends.hidden = names.length === 0;
      ends.title = names.join(', ');
      lengths.disabled = seriesOf(plot).some(({ id }) => id === 'codingLength');
    },
  };
}

function explanationOf(by: AllocationChoices['by']): string {
  return by === 'calibrated'
    ? l10n.t('Error: the squared change of a layer\'s outputs on the calibration data relative to their squares, all other layers in float, summed over the layers; 10 dB less is a tenth. Not accuracy.')
    : l10n.t('Error: the squared change of a layer\'s weights relative to their squares, summed over the layers; 10 dB less is a tenth. Weight error, not accuracy: activations stay float.');
}

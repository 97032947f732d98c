import * as l10n from '@vscode/l10n';
import type { AllocationAction, AllocationChoice, AllocationChoices, FoundAllocation } from '../src/protocol/allocationPage';
import { allocationConfig, nearestChoice } from './allocationConfig';
import {
  allocationTables, choiceByKey, choiceText, chosenOf, costOf, describeAllocations, nearestTo, seriesName, seriesOf, worstText,
  type AllocationPlot, type AllocationUnit, type Series,
} from './allocationPlot';
import { createTargetField } from './allocationTargetField';
import { createChartFigure } from './chartFigure';
import type { LineData } from './chartStyle';
import { element, keepKeys, setAttributes, setText } from './dom';
import { button, checkbox } from './toolkit';
import { createWidthBars } from './widthBars';

export interface AllocationPanel {
  element: HTMLElement;
  /** Null takes the panel away. */
  show(choices: AllocationChoices | null): void;
  /** Answers the target that was typed. */
  found(found: FoundAllocation): void;
  /** Draws again, in another theme. */
  redraw(): void;
}

/** Bits on average at which the panel opens. */
const FIRST_BITS = 4;

/** A dialog over the page: error against size, from which one choice of bit widths is applied to the plan. */
export function createAllocationPanel(post: (action: AllocationAction) => void, returnFocus: () => void): AllocationPanel {
  let plot: AllocationPlot | null = null;
  const text = element('span', 'point-text');
  const facts = element('span', 'hint');
  const status = element('p', 'point-status', text, facts);
  status.setAttribute('role', 'status');
  const bars = createWidthBars();
  const legend = element('ul', 'legend');
  const figure = createChartFigure<'line', LineData>('allocations', legend);
  const { drawing } = figure;
  const unit = element('select', 'bits-select',
    new Option(l10n.t('Bits on average'), 'weightBits'), new Option(l10n.t('Size on disk'), 'bytes'));
  const ends = checkbox('', (fixed) => post({ kind: 'ends', fixed }));
  const lengths = button(l10n.t('Compare with Coding Lengths'), 'secondary', () => post({ kind: 'codingLengths' }));
  const target = createTargetField((wanted) => post({ kind: 'find', target: wanted }));
  const applyButton = button(l10n.t('Apply'), 'primary', () => apply());
  const cancel = button(l10n.t('Cancel'), 'secondary', () => close());
  const explanation = element('p', 'hint');
  const title = element('h2', '', l10n.t('Allocate Bits'));
  title.id = 'allocation-title';
  const dialog = element('dialog', 'allocation',
    title,
    explanation,
    figure.element,
    element('div', 'allocation-choice', status, bars.element),
    element('div', 'allocation-options', element('label', '', l10n.t('Horizontal axis'), unit), target.element, ends, lengths),
    element('div', 'allocation-actions', applyButton, cancel));
  dialog.setAttribute('aria-labelledby', title.id);
  keepKeys(unit);
  drawing.tabIndex = 0;
  setAttributes(drawing, {
    role: 'application', 'aria-roledescription': l10n.t('chart'),
    'aria-label': l10n.t('Error against size: arrow keys move among the choices, Enter applies one'),
  });
  lengths.title = l10n.t('Lets the bits decide that weights take when coded up to a given error. Takes long for large layers.');

  const choose = (choice: AllocationChoice | null | undefined): void => {
    if (!plot || !choice) return;
    plot.chosen = choice.id;
    drawChoice();
    figure.chart()?.draw();
  };
  const apply = (): void => {
    const chosen = plot && chosenOf(plot);
    if (chosen) post({ kind: 'apply', point: chosen.point.id });
  };
  const close = (): void => {
    post({ kind: 'close' });
    hide();
  };
  const hide = (): void => {
    plot = null;
    figure.render(null);
    if (!dialog.open) return;
    dialog.close();
    returnFocus();
  };
  unit.addEventListener('change', () => {
    if (!plot) return;
    const before = chosenOf(plot)?.point;
    plot.unit = unit.value === 'bytes' ? 'bytes' : 'weightBits';
    if (before && !chosenOf(plot)) plot.chosen = nearestOptimal(plot, costOf(before, plot.unit));
    draw();
  });
  drawing.addEventListener('click', (event) => {
    const chart = figure.chart();
    if (chart && plot) choose(nearestChoice(chart, plot, event));
  });
  drawing.addEventListener('dblclick', apply);
  drawing.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !plot) return;
    if (event.key === 'Enter') apply();
    else {
      const next = choiceByKey(event.key, plot);
      if (!next) return;
      choose(next);
    }
    event.preventDefault();
    event.stopPropagation();
  });
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });

  function draw(): void {
    if (!plot) return;
    const shown = plot;
    const { by, ends: { names, fixed } } = plot.choices;
    setText(explanation, explanationOf(by));
    const series = seriesOf(plot);
    legend.replaceChildren(...series.map(legendEntry));
    ends.checked = fixed;
    ends.hidden = names.length === 0;
    setText(ends, l10n.t('First and last layer keep 8 bits'));
    ends.title = names.join(', ');
    lengths.disabled = series.some(({ id }) => id === 'codingLength');
    figure.render({
      label: l10n.t('Error against size of {0} layers', plot.choices.layers),
      summary: describeAllocations(plot), tables: () => allocationTables(shown), config: allocationConfig(plot),
    });
    drawChoice();
  }

  function drawChoice(): void {
    const chosen = plot && chosenOf(plot);
    applyButton.disabled = !chosen;
    setText(text, chosen ? `${seriesName(chosen.series.id)}: ${choiceText(chosen.point)}` : '');
    setText(facts, chosen ? worstText(chosen.point) : '');
    bars.render(chosen?.point ?? null);
  }

  return {
    element: dialog,
    show(choices) {
      if (!choices) return hide();
      const before = plot;
      const shownUnit: AllocationUnit = unit.value === 'bytes' ? 'bytes' : 'weightBits';
      plot = { choices, unit: shownUnit, found: null, chosen: null };
      const chosen = before && chosenOf(before);
      plot.chosen = chosen
        ? nearestOptimal(plot, costOf(chosen.point, shownUnit))
        : nearestTo(choices[shownUnit].optimal, FIRST_BITS, 'weightBits')?.id ?? null;
      target.clear();
      const opens = !dialog.open;
      if (opens) dialog.showModal();
      draw();
      if (opens) drawing.focus();
    },
    found(answer) {
      if (!plot) return;
      target.refuse('problem' in answer ? answer.problem : '');
      if (!('point' in answer)) return;
      plot.found = answer.point;
      plot.chosen = answer.point.id;
      draw();
    },
    redraw: draw,
  };
}

function explanationOf(by: AllocationChoices['by']): string {
  return by === 'calibrated'
    ? l10n.t('Error: the squared change of a layer\'s outputs on the calibration data relative to their squares, all other layers in float, summed over the layers; 10 dB less is a tenth. Not accuracy.')
    : l10n.t('Error: the squared change of a layer\'s weights relative to their squares, summed over the layers; 10 dB less is a tenth. Weight error, not accuracy: activations stay float.');
}

function nearestOptimal({ choices, unit }: AllocationPlot, cost: number): number | null {
  return nearestTo(choices[unit].optimal, cost, unit)?.id ?? null;
}

function legendEntry({ id }: Series): HTMLElement {
  return element('li', '', element('span', `swatch allocation-${id}`), seriesName(id));
}

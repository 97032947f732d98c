import * as l10n from '@vscode/l10n';
import type { AllocationChoice } from '../src/protocol/allocationPage';
import { allocationConfig, nearestChoice } from './allocationConfig';
import {
  allocationTables, choiceByKey, describeAllocations, seriesName, seriesOf, type AllocationPlot, type Series,
} from './allocationPlot';
import { createChartFigure } from './chartFigure';
import type { LineData } from './chartStyle';
import { element, setAttributes } from './dom';

export interface AllocationChart {
  element: HTMLElement;
  /** Null takes the chart away. */
  render(plot: AllocationPlot | null): void;
  /** Draws the same plot again, where another choice of it is marked. */
  renderChoice(): void;
  focus(): void;
}

export interface AllocationChartEvents {
  onChoose(choice: AllocationChoice): void;
  /** The choice is to go into the plan. */
  onApply(): void;
}

/** Error against size, a line for each way to choose; a choice is made by mouse or keys. */
export function createAllocationChart({ onChoose, onApply }: AllocationChartEvents): AllocationChart {
  const legend = element('ul', 'legend');
  const figure = createChartFigure<'line', LineData>('allocations', legend);
  const { drawing } = figure;
  let plot: AllocationPlot | null = null;

  drawing.tabIndex = 0;
  setAttributes(drawing, {
    role: 'application', 'aria-roledescription': l10n.t('chart'),
    'aria-label': l10n.t('Error against size: arrow keys move among the choices, Enter applies one'),
  });
  drawing.addEventListener('click', (event) => {
    const chart = figure.chart();
    const nearest = chart && plot && nearestChoice(chart, plot, event);
    if (nearest) onChoose(nearest);
  });
  drawing.addEventListener('dblclick', onApply);
  drawing.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !plot) return;
    if (event.key === 'Enter') onApply();
    else {
      const next = choiceByKey(event.key, plot);
      if (!next) return;
      onChoose(next);
    }
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element: figure.element,
    render(next) {
      plot = next;
      if (!next) return figure.render(null);
      legend.replaceChildren(...seriesOf(next).map(legendEntry));
      figure.render({
        label: l10n.t('Error against size of {0} layers', next.choices.layers),
        summary: describeAllocations(next), tables: () => allocationTables(next), config: allocationConfig(next),
      });
    },
    renderChoice: () => figure.chart()?.draw(),
    focus: () => drawing.focus(),
  };
}

function legendEntry({ id }: Series): HTMLElement {
  return element('li', '', element('span', `swatch allocation-${id}`), seriesName(id));
}

import * as l10n from '@vscode/l10n';
import { element, setText } from './dom';
import { createErrorHistogram } from './errorHistogram';
import { figureList } from './figureList';
import { quantizedFigures } from './figures';
import { layersToChange, type InspectorTab, type UseSettings } from './inspectorTab';
import type { InspectorView } from './inspectorView';
import { ofLayer, problemOf } from './layerCurves';
import { createMethodChart } from './methodChart';
import { plannedPoint, type PointId } from './methodPlot';
import { outputPoints, roundedPoint } from './outputPoints';
import { createProblemText } from './problem';
import type { Store } from './store';
import { isQuantizable, reasonToStay, type TableRow } from './tableRow';
import { progressRing } from './toolkit';

/** What quantizing the layer costs: SQNR of every method at every width, and the errors of the planned setting. */
export function createErrorTab(store: Store, use: UseSettings): InspectorTab {
  const { state } = store;
  let chosen: { layer: number; point: PointId } | null = null;
  const change = (switches: Partial<InspectorView>): void => store.update((changed) => {
    changed.inspector = { ...changed.inspector, ...switches };
  });
  const problem = createProblemText();
  const measuring = element('p', 'reading', progressRing(l10n.t('Measuring')), l10n.t('Measuring…'));
  const methods = createMethodChart({
    onToggle(method) {
      const hidden = state.inspector.hiddenMethods;
      change({ hiddenMethods: hidden.includes(method) ? hidden.filter((each) => each !== method) : [...hidden, method] });
    },
    onPredicted: (showPredicted) => change({ showPredicted }),
    onRelative: (relative) => change({ relative }),
    onPerTensor: (perTensor) => change({ perTensor }),
    onOutputs: (outputs) => change({ outputs }),
    onChoose: (point) => store.update(({ selection: { current } }) => {
      chosen = current === null ? null : { layer: current, point };
    }),
    onUse: ({ method, bits, granularity }) => use(layersToChange(state.selection), { method, bits, granularity }),
  });
  const title = element('h3');
  const histogram = createErrorHistogram();
  const histogramTitle = element('h3');
  const figures = element('div', 'figure-groups');
  const view = element('div', 'tab-content',
    element('div', 'layer-chart', title, problem.element, measuring, methods.element),
    element('div', 'layer-figures',
      figures, histogramTitle, histogram.element,
      element('p', 'hint', l10n.t('Weight error, not accuracy: activations stay float.'))));
  let drawnRow: TableRow | null = null;
  let drawn: readonly unknown[] = [];

  const render = (row: TableRow): void => {
    const { layer, plan } = row;
    const curves = isQuantizable(row) ? ofLayer(state.curves.methods, layer.index) : null;
    const failed = problemOf(state.curves, layer.index, 'methodCurves', 'layerErrors');
    const errors = reasonToStay(row) === null ? ofLayer(state.curves.errors, layer.index) : null;
    const { inspector, logCounts, selection, calibration } = state;
    const { perTensor, showPredicted, relative, hiddenMethods } = inspector;
    const calibrates = calibration !== null;
    const wanted = [row, curves, failed, errors, inspector, logCounts, selection, chosen, calibrates];
    if (wanted.every((part, index) => part === drawn[index]) && drawn.length > 0) return;
    drawn = wanted;
    drawnRow = row;
    title.hidden = !isQuantizable(row);
    problem.render(failed);
    measuring.hidden = curves !== null || failed !== null || !isQuantizable(row);
    const ofOutputs = curves && inspector.outputs && calibrates ? outputPoints(curves.points) : [];
    const showsOutputs = ofOutputs.length > 0;
    setText(title, showsOutputs ? l10n.t('Output SQNR against bit width') : l10n.t('SQNR against bit width'));
    const points = showsOutputs ? ofOutputs : curves?.points ?? [];
    const planned = plannedPoint(points, plan);
    methods.render(curves && {
      name: layer.name, of: showsOutputs ? 'outputs' : 'weights', points, hidden: new Set(hiddenMethods),
      showPredicted: showPredicted && !showsOutputs, relative, planned,
      chosen: chosen?.layer === layer.index ? chosen.point : planned, rounded: showsOutputs ? roundedPoint(plan) : null,
    }, {
      perTensor, outputs: calibrates ? inspector.outputs : null,
      note: inspector.outputs && calibrates && !showsOutputs ? missingOutputs(row) : '',
    }, layersToChange(selection).length);
    figures.replaceChildren(figureList([quantizedFigures(row)].filter(({ figures: known }) => known.length > 0)));
    // Rounding by outputs takes minutes: the layer is not rounded once more for its errors.
    setText(histogramTitle, plan?.rounding === undefined ? l10n.t('Error histogram') : l10n.t('Error histogram of nearest codes'));
    histogramTitle.hidden = errors === null;
    histogram.render(errors, layer.name, logCounts);
  };
  return {
    element: view,
    render,
    redraw() {
      drawn = [];
      if (drawnRow) render(drawnRow);
    },
  };
}

/** Why the chart is still one of weights. */
function missingOutputs({ plan }: TableRow): string {
  if (plan?.output?.state === 'unknown') return l10n.t('Outputs are not known: {0}.', plan.output.reason);
  return l10n.t('Outputs are measured after all weights; of a large layer under the planned setting only, as a figure.');
}

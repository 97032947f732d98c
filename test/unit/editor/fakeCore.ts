import { fewPositions } from '../../../src/core/calibration/fewPositions';
import type { Problem } from '../../../src/core/errors';
import type { Layer } from '../../../src/core/onnx/layer';
import type { CapturedInputs, LayerInputs, LayerPreview, ModelSummary, Outcome } from '../../../src/protocol/coreService';
import type { Evaluation } from '../../../src/protocol/evaluation';
import { parseHostMessage, type HostMessage } from '../../../src/protocol/page';
import { FIRST_INSPECTED, type PageView } from '../../../src/editor/pageView';
import type { CoreClient } from '../../../src/workers/coreClient';
import type { CallOptions } from '../../../src/workers/pooledJob';

export function layerOf(index: number, extra: Partial<Layer> = {}): Layer {
  return {
    index,
    name: `w${index}`,
    scope: '',
    consumers: [{ op: 'Conv', node: `conv${index}`, input: 1 }],
    dims: [2, 3],
    dtype: 'float32',
    elements: 6,
    bytes: 24,
    channelAxis: 0,
    storage: { file: 'm.onnx', offset: 0, length: 24, form: 'raw' },
    quantizable: true,
    tensor: index,
    ...extra,
  };
}

export function summaryOf(layers: Layer[]): ModelSummary {
  return {
    path: '/m.onnx', version: null, bytes: 1000, producer: 'pytorch 2.5', irVersion: 8, opsets: { 'com.microsoft': 1, '': 17 },
    parameters: 6 * layers.length, layers, externalFiles: [{ location: 'lost.bin', bytes: null, needed: 24 }],
  };
}

/** What a layer is multiplied by, if anybody looked. */
export const LAYER_INPUTS: LayerInputs = {
  matrix: { rows: 2, columns: 3, groups: 1, inputBlocks: 1, rowStride: 3, columnStride: 1 },
  moments: { groups: 1, columns: 3, positions: 1, second: new Float32Array(9), first: new Float32Array(3) },
};

/** What came of running a copy on labelled inputs. */
export const EVALUATION: Evaluation = {
  file: '/data/x.npy', labels: '/data/y.npy', samples: 2000, scaled: false, unused: [], runtime: 'native',
  evaluated: { top1: 0.98, top5: null }, outputs: [{ name: 'y', dims: [1, 4], notFinite: 0 }],
  reference: {
    accuracy: { top1: 0.99, top5: null }, agreement: 0.97, onlyA: [], onlyB: [],
    outputs: [{
      a: 'y0', b: 'y', dims: [1, 4], difference: { sqnrDb: Infinity, maxAbsDifference: 0, cosine: 1, count: 8000, identical: true, beyond: 0, unlike: 0 },
      notFinite: 0, top1Agreement: 0.97,
    }],
  },
};

/** A capture under way, for a test to end. */
export interface FakeCapture {
  layers: number[];
  options: CallOptions;
  settle(outcome: Outcome<CapturedInputs>): void;
}

/** A core that answers from the model it is given: SQNR of a layer is ten times its bits, minus its index. */
export class FakeCore implements CoreClient {
  model: Outcome<ModelSummary>;
  opened = 0;
  /** Of every layer, ascending. */
  weights = [-1, -0.5, 0, 1];
  readonly calls: string[] = [];

  constructor(layers: Layer[]) {
    this.model = { ok: true, value: summaryOf(layers) };
  }

  fail(code: Problem['code']): void {
    this.model = { ok: false, problem: { code, place: {}, detail: {} } };
  }

  openModel: CoreClient['openModel'] = async () => {
    this.opened++;
    return this.model;
  };

  layerStatistics: CoreClient['layerStatistics'] = async (_model, layer, bins) => {
    this.calls.push(`statistics ${layer}`);
    if (layer === 3) return { ok: false, problem: { code: 'external-missing', place: { file: 'lost.bin' }, detail: {} } };
    return {
      ok: true,
      value: {
        exact: true, count: 6, nan: 1, inf: 0, zeros: 0, min: -1, max: 1, mean: 0, std: 1, median: 0, meanAbsDeviation: 1,
        kurtosis: NaN, quantiles: { '0.5': 0 },
        laplace: { location: 0, scale: 1, ks: 0.1, logLikelihood: -Infinity },
        gauss: { mean: 0.5, std: 2, ks: 0.1, logLikelihood: -3 },
        histogram: { min: -1, max: 1, counts: new Array<number>(bins).fill(0) },
        sketch: Float32Array.from(this.weights),
      },
    };
  };

  /** Outputs are five decibels better than weights. */
  previewLayer: CoreClient['previewLayer'] = async (_model, { layer, settings }, _format, inputs) => {
    this.calls.push(inputs ? `outputs ${layer} at ${settings.bits}` : `preview ${layer} at ${settings.bits}`);
    if (layer === 5) return { ok: false, problem: { code: 'not-quantizable', place: {}, detail: { reason: 'not-finite' } } };
    const sqnrDb = settings.bits === 8 ? Infinity : 10 * settings.bits - layer;
    const value: LayerPreview = {
      layer, name: `w${layer}`, settings, mse: 0.1, sqnrDb,
      predictedSqnrDb: 1, outputSqnrDb: inputs ? sqnrDb + 5 : null, fewPositions: inputs ? fewPositions(settings, inputs) : null,
      maxAbsError: 1, cosine: 1, bytesBefore: 24, bytesAfter: settings.bits,
      codebook: { levels: [-1, 1], thresholds: [0], support: [-1, 1], channel: null },
    };
    return { ok: true, value };
  };

  /** Whether approximate trials are over all weights, as those of small layers are. */
  isExactAtOnce = false;

  /** SQNR of a setting is ten times its bits approximately, and one less exactly. */
  tryLayer: CoreClient['tryLayer'] = async (_model, layer, settings, detail, inputs) => {
    const bits = settings.map((each) => each.bits);
    this.calls.push(`try ${layer} ${settings[0]?.method} ${settings[0]?.granularity} ${bits.join()} ${detail}`);
    if (layer === 3) return { ok: false, problem: { code: 'external-missing', place: { file: 'lost.bin' }, detail: {} } };
    const answered = this.isExactAtOnce ? 'exact' : detail;
    const less = answered === 'exact' ? 1 : 0;
    const tried = settings.map((each) => ({
      settings: each, sqnrDb: 10 * each.bits - less, predictedSqnrDb: 10 * each.bits - 2,
      ...(inputs && detail === 'exact' && { outputSqnrDb: 10 * each.bits + 5 }),
    }));
    return { ok: true, value: { detail: answered, weights: answered === 'exact' ? 6 : 3, tried } };
  };

  supportCurve: CoreClient['supportCurve'] = async (_model, { layer, settings: { bits, grid } }, limits, detail) => {
    this.calls.push(`support ${layer} at ${bits} ${detail}`);
    const points = limits.map((limit) => ({ limit, sqnrDb: 20 - limit, theorySqnrDb: -Infinity }));
    const named = [{ region: 'jayant' as const, limit: 4, sqnrDb: 16, theorySqnrDb: 17 }];
    return { ok: true, value: { layer, detail, weights: detail === 'exact' ? 6 : 3, bits, grid, points, named, mean: 0, std: 0.5 } };
  };

  layerErrors: CoreClient['layerErrors'] = async (_model, { layer, settings }, bins) => {
    this.calls.push(`errors ${layer} ${settings.method} at ${settings.bits}`);
    return { ok: true, value: { histogram: { min: -0.1, max: 0.1, counts: new Array<number>(bins).fill(1) }, channels: [] } };
  };

  /** Two channels, the second one wider. */
  channelRanges: CoreClient['channelRanges'] = async (_model, layer) => {
    this.calls.push(`ranges ${layer}`);
    return { ok: true, value: [{ channel: 0, min: -1, max: 1, std: 0.5 }, { channel: 1, min: -8, max: 8, std: 2 }] };
  };

  layerNodes: CoreClient['layerNodes'] = async (_model, layer, most) => {
    this.calls.push(`nodes ${layer}`);
    const node = { op: 'Conv', domain: '', name: `conv${layer}`, scope: '', input: 1, inputs: ['x', `w${layer}`], outputs: ['y'] };
    return { ok: true, value: [{ ...node, attributes: [{ name: 'strides', value: '[2, 2]' }] }].slice(0, most) };
  };

  bestMethod: CoreClient['bestMethod'] = () => Promise.reject(new Error('not used here'));
  layerOptions: CoreClient['layerOptions'] = async () => ({ ok: true, value: [] });

  codingLengths: CoreClient['codingLengths'] = async (_model, layers) => ({ ok: true, value: layers });

  allocationCurves: CoreClient['allocationCurves'] = () => Promise.reject(new Error('not used here'));

  chooseWidths: CoreClient['chooseWidths'] = async () => ({ ok: false, problem: { code: 'cancelled', place: {}, detail: {} } });

  inputsFit: CoreClient['inputsFit'] = async () => ({ ok: true, value: { layouts: [], hasPixels: false } });

  /** Under way until a test ends it. */
  readonly captures: FakeCapture[] = [];
  captureInputs: CoreClient['captureInputs'] = (_model, layers, { inputs }, options = {}) => new Promise((settle) => {
    this.calls.push(`capture ${inputs}`);
    this.captures.push({ layers, options, settle });
  });

  copySize: CoreClient['copySize'] = async (_model, plan, format) => {
    this.calls.push(`size of ${plan.length}`);
    return {
      ok: true,
      value: {
        bytesBefore: 1000, bytesAfter: 1000 - 10 * plan.length, averageBits: 8,
        layers: plan.map(({ layer, settings }) => ({
          layer, bytesBefore: 24, bytesAfter: format === 'exact' ? settings.bits : 8, format, obstacle: null,
        })),
        skipped: plan.flatMap(({ layer }) => (layer === 2 ? [{ layer, name: 'w2', reason: 'not-smaller' as const }] : [])),
      },
    };
  };

  skippedLayers: CoreClient['skippedLayers'] = async (...args) => {
    const size = await this.copySize(...args.slice(0, 3) as Parameters<CoreClient['copySize']>);
    return size.ok ? { ok: true, value: size.value.skipped } : size;
  };

  previewModel: CoreClient['previewModel'] = () => Promise.reject(new Error('not used by the editor'));
  compareModels: CoreClient['compareModels'] = () => Promise.reject(new Error('not used here'));
  compareOutputs: CoreClient['compareOutputs'] = () => Promise.reject(new Error('not used here'));
  evaluateModel: CoreClient['evaluateModel'] = () => Promise.reject(new Error('not used here'));
  saveTensor: CoreClient['saveTensor'] = () => Promise.reject(new Error('not used here'));
  locateData: CoreClient['locateData'] = () => Promise.reject(new Error('not used here'));
  copyData: CoreClient['copyData'] = () => Promise.reject(new Error('not used here'));
  quantizeModel: CoreClient['quantizeModel'] = () => Promise.reject(new Error('not used here'));
}

/** A page that keeps what it is sent, and fails on what a real page would not understand. */
export class FakePage implements PageView {
  visible: readonly number[] = [];
  selected: readonly number[] = [];
  current: number | null = null;
  inspected = FIRST_INSPECTED;
  messages: HostMessage[] = [];

  post(message: HostMessage): void {
    const parsed = parseHostMessage(JSON.parse(JSON.stringify(message)));
    if (!parsed) throw new Error(`not a message: ${JSON.stringify(message)}`);
    this.messages.push(parsed);
  }

  take<T extends HostMessage['type']>(type: T): Extract<HostMessage, { type: T }>[] {
    const isWanted = (message: HostMessage): message is Extract<HostMessage, { type: T }> => message.type === type;
    const wanted = this.messages.filter(isWanted);
    this.messages = this.messages.filter((message) => message.type !== type);
    return wanted;
  }
}

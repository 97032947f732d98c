import type { Problem } from '../../../src/core/errors';
import type { Layer } from '../../../src/core/onnx/layer';
import type { LayerPreview, ModelSummary, Outcome } from '../../../src/protocol/coreService';
import { parseHostMessage, type HostMessage } from '../../../src/protocol/page';
import type { PageView } from '../../../src/editor/pageView';
import type { CoreClient } from '../../../src/workers/coreClient';

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
    path: '/m.onnx', bytes: 1000, producer: 'pytorch 2.5', irVersion: 8, opsets: { 'com.microsoft': 1, '': 17 },
    graphName: 'g', parameters: 6 * layers.length, layers, externalFiles: [{ location: 'lost.bin', bytes: null }],
  };
}

/** A core that answers from the model it is given: SQNR of a layer is ten times its bits, minus its index. */
export class FakeCore implements CoreClient {
  model: Outcome<ModelSummary>;
  opened = 0;
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
      },
    };
  };

  previewLayer: CoreClient['previewLayer'] = async (_model, { layer, settings }) => {
    this.calls.push(`preview ${layer} at ${settings.bits}`);
    if (layer === 5) return { ok: false, problem: { code: 'not-quantizable', place: {}, detail: { reason: 'not-finite' } } };
    const value: LayerPreview = {
      layer, name: `w${layer}`, settings, mse: 0.1, sqnrDb: settings.bits === 8 ? Infinity : 10 * settings.bits - layer,
      predictedSqnrDb: 1, maxAbsError: 1, cosine: 1, bytesBefore: 24, bytesAfter: settings.bits,
      codebook: { levels: [-1, 1], thresholds: [0], support: [-1, 1], channel: null },
    };
    return { ok: true, value };
  };

  copySize: CoreClient['copySize'] = async (_model, plan) => {
    this.calls.push(`size of ${plan.length}`);
    return {
      ok: true,
      value: {
        bytesBefore: 1000, bytesAfter: 1000 - 10 * plan.length, averageBits: 8,
        layers: plan.map(({ layer, settings }) => ({ layer, bytesBefore: 24, bytesAfter: settings.bits })),
        skipped: plan.flatMap(({ layer }) => (layer === 2 ? [{ layer, name: 'w2', reason: 'not-smaller' as const }] : [])),
      },
    };
  };

  previewModel: CoreClient['previewModel'] = () => Promise.reject(new Error('not used by the editor'));
  quantizeModel: CoreClient['quantizeModel'] = () => Promise.reject(new Error('not used here'));
}

/** A page that keeps what it is sent, and fails on what a real page would not understand. */
export class FakePage implements PageView {
  visible: readonly number[] = [];
  selected: readonly number[] = [];
  current: number | null = null;
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

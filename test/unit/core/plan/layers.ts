import type { Layer } from '../../../../src/core/onnx/layer';

/** A layer as a model index would list it; only what plans look at is varied. */
export function planLayer(index: number, name: string, extra: Partial<Layer> = {}): Layer {
  return {
    index,
    name,
    scope: '',
    consumers: [{ op: 'Conv', node: `node${index}`, input: 1 }],
    dims: [2, 3],
    dtype: 'float32',
    elements: 6,
    bytes: 24,
    channelAxis: 0,
    storage: { file: 'model.onnx', offset: 0, length: 24, form: 'raw' },
    quantizable: true,
    tensor: index,
    ...extra,
  };
}

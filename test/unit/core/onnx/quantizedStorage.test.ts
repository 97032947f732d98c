import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../../../src/core/bytes/memorySource';
import { indexModel } from '../../../../src/core/onnx/indexModel';
import type { Layer } from '../../../../src/core/onnx/layer';
import { openModelFiles } from '../../../../src/platform/nodeFiles';
import { obstacleText } from '../../../../src/protocol/quantizedText';
import { buildModel, laplacian, type FixtureModel, type FixtureTensor } from '../../../fixtures/modelBuilder';
import { copyFrom, copyOf, planAll } from './copyHelper';

function layersOf(model: Partial<FixtureModel>): Layer[] {
  const built = buildModel({
    opset: 21, ir: 10, domains: { 'com.microsoft': 1 }, inputs: [{ name: 'x', dims: [2, 6] }], outputs: [], nodes: [], ...model,
  });
  return indexModel(memoryFiles('m', built.model, built.external), 'm').layers;
}

const tensor = (name: string, dims: number[], dtype: FixtureTensor['dtype'], data: number[], form?: FixtureTensor['form']): FixtureTensor => (
  { name, dims, dtype: dtype!, data, ...(form && { form }) }
);
const codes = (name: string, dims: number[], dtype: FixtureTensor['dtype']): FixtureTensor => (
  tensor(name, dims, dtype, Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i % 7))
);

const SCALES = [0.5, 0.25, 2, 1];

describe('weights behind DequantizeLinear', () => {
  const behind = (scale: FixtureTensor, zero: FixtureTensor, attributes: Record<string, number>, dtype: FixtureTensor['dtype'] = 'int8') => (
    layersOf({
      initializers: [codes('w', [6, 4], dtype), scale, zero],
      nodes: [
        { op: 'DequantizeLinear', inputs: ['w', 's', 'z'], outputs: ['d'], attributes },
        { op: 'MatMul', inputs: ['x', 'd'], outputs: ['y'] },
      ],
    })[0]!.quantized
  );

  it.each(['raw', 'typed', 'external'] as const)('per channel, %s', (form) => {
    expect(behind(tensor('s', [4], 'float32', SCALES, form), tensor('z', [4], 'int8', [3, -5, 0, 7], form), { axis: 1 })).toEqual({
      bits: 8, granularity: 'channel', scale: { min: 0.25, max: 2 }, zeroPoint: { min: -5, max: 7 },
    });
  });

  it('per tensor, unsigned', () => {
    expect(behind(tensor('s', [], 'float32', [0.125]), tensor('z', [], 'uint8', [200]), {}, 'uint8')).toEqual({
      bits: 8, granularity: 'tensor', scale: { min: 0.125, max: 0.125 }, zeroPoint: { min: 200, max: 200 },
    });
  });

  it.each([['int4', [-8, 7, 3]], ['uint4', [0, 15, 3]]] as const)('in blocks, %s', (dtype, zeros) => {
    const data = [...zeros, ...Array<number>(5).fill(1)];
    expect(behind(tensor('s', [2, 4], 'float32', [...SCALES, 3, 3, 3, 4]), tensor('z', [2, 4], dtype, data), { axis: 0, block_size: 3 }, dtype)).toEqual({
      bits: 4, granularity: 'block:3', scale: { min: 0.25, max: 4 }, zeroPoint: { min: Math.min(...zeros), max: Math.max(...zeros) },
    });
  });

  it('whose scale is computed or too long to read have none', () => {
    const layers = layersOf({
      inputs: [{ name: 'x', dims: [2, 6] }, { name: 's', dims: [] }],
      initializers: [codes('w', [6, 4], 'int8'), codes('v', [2, 70_000], 'int8'), tensor('t', [70_000], 'float32', Array<number>(70_000).fill(1))],
      nodes: [
        { op: 'DequantizeLinear', inputs: ['w', 's'], outputs: ['d'] },
        { op: 'MatMul', inputs: ['x', 'd'], outputs: ['y'] },
        { op: 'DequantizeLinear', inputs: ['v', 't'], outputs: ['e'], attributes: { axis: 1 } },
        { op: 'MatMul', inputs: ['x', 'e'], outputs: ['z'] },
      ],
    });
    expect(layers.map(({ quantized }) => quantized)).toEqual([
      { bits: 8, granularity: null, scale: null, zeroPoint: null },
      { bits: 8, granularity: 'channel', scale: null, zeroPoint: null },
    ]);
  });
});

describe('weights of operators that take integers', () => {
  const SCALE = tensor('s', [4], 'float32', SCALES);
  const ZERO = tensor('z', [4], 'int8', [1, 2, 3, 4]);
  const per = (granularity: string) => ({ bits: 8, granularity, scale: { min: 0.25, max: 2 }, zeroPoint: { min: 1, max: 4 } });

  it.each([
    ['QLinearConv', '', ['x', 'a', 'b', 'w', 's', 'z', 'c', 'd'], [4, 3, 1, 1], per('channel')],
    ['ConvInteger', '', ['x', 'w', 'a', 'z'], [4, 3, 1, 1], { ...per('channel'), granularity: null, scale: null }],
    ['QLinearMatMul', '', ['x', 'a', 'b', 'w', 's', 'z', 'c', 'd'], [6, 4], per('channel')],
    ['MatMulInteger', '', ['x', 'w', 'a', 'z'], [6, 4], { ...per('channel'), granularity: null, scale: null }],
    ['MatMulIntegerToFloat', 'com.microsoft', ['x', 'w', 'a', 's', 'b', 'z'], [6, 4], per('channel')],
    ['DynamicQuantizeMatMul', 'com.microsoft', ['x', 'w', 's', 'z'], [6, 4], per('channel')],
    ['QGemm', 'com.microsoft', ['x', 'a', 'b', 'w', 's', 'z', '', 'c', 'd'], [6, 4], per('channel')],
    ['QAttention', 'com.microsoft', ['x', 'w', 'b', 'a', 's', '', 'a', 'z'], [6, 4], per('channel')],
  ] as const)('%s', (op, domain, inputs, dims, expected) => {
    const [layer] = layersOf({ initializers: [codes('w', [...dims], 'int8'), SCALE, ZERO], nodes: [{ op, domain, inputs: [...inputs], outputs: ['y'] }] });
    expect(layer!.quantized).toEqual(expected);
  });

  it('MatMulNBits, by its attributes', () => {
    const [layer] = layersOf({
      initializers: [codes('w', [4, 2, 8], 'uint8'), tensor('s', [8], 'float32', [...SCALES, ...SCALES]), codes('z', [4], 'uint8')],
      nodes: [{ op: 'MatMulNBits', domain: 'com.microsoft', inputs: ['x', 'w', 's', 'z'], outputs: ['y'], attributes: { bits: 4, block_size: 16, K: 32, N: 4 } }],
    });
    expect(layer!.quantized).toEqual({ bits: 4, granularity: 'block:16', scale: { min: 0.25, max: 2 }, zeroPoint: null });
    expect(obstacleText(layer!)).toBe('its weights are quantized already: 4 bits, per block of 16, scale 0.25…2');
  });

  it.each([[2, 8, null], [4, 16, null], [8, 32, { min: 0, max: 6 }]] as const)('MatMulNBits counts weights, not bytes: %i bits', (bits, bytes, zeroPoint) => {
    const built = buildModel({
      domains: { 'com.microsoft': 1 }, inputs: [{ name: 'x', dims: [2, 100] }],
      initializers: [
        codes('w', [31, 4, bytes], 'uint8'), tensor('s', [124], 'float32', Array<number>(124).fill(0.5)),
        codes('z', [31, (4 * bits) / 8], 'uint8'),
      ],
      nodes: [{
        op: 'MatMulNBits', domain: 'com.microsoft', inputs: ['x', 'w', 's', 'z'], outputs: ['y'],
        attributes: { bits, block_size: 32, K: 100, N: 31 },
      }],
    });
    const { layers: [layer], parameters } = indexModel(memoryFiles('m', built.model), 'm');
    expect(layer).toMatchObject({ dims: [31, 100], elements: 3100, bytes: 31 * 4 * bytes, channelAxis: 0, quantized: { bits, zeroPoint } });
    expect(parameters).toBe(3100);
  });

  it('MatMulNBits of more weights than it has bytes for is told as it is stored', () => {
    const [layer] = layersOf({
      initializers: [codes('w', [4, 2, 8], 'uint8'), tensor('s', [8], 'float32', [...SCALES, ...SCALES])],
      nodes: [{ op: 'MatMulNBits', domain: 'com.microsoft', inputs: ['x', 'w', 's'], outputs: ['y'], attributes: { bits: 4, block_size: 16, K: 2 ** 40, N: 4 } }],
    });
    expect(layer).toMatchObject({ dims: [4, 2, 8], elements: 64 });
  });

  it.each([
    ['uint4', [8, 64], 'uint4', { min: 0, max: 6 }], ['uint8', [8, 32], 'uint8', null],
  ] as const)('GatherBlockQuantized of %s, by its attributes', (dtype, dims, zeros, zeroPoint) => {
    const [layer] = layersOf({
      initializers: [
        codes('w', [...dims], dtype), tensor('s', [8, 4], 'float32', Array<number>(32).fill(0.5)),
        codes('z', zeros === 'uint4' ? [8, 4] : [8, 2], zeros),
      ],
      nodes: [{
        op: 'GatherBlockQuantized', domain: 'com.microsoft', inputs: ['w', 'x', 's', 'z'], outputs: ['y'],
        attributes: { block_size: 16, gather_axis: 0, quantize_axis: 1, bits: 4 },
      }],
    });
    expect(layer).toMatchObject({
      dims: [8, 64], elements: 512, bytes: 256, channelAxis: 0,
      quantized: { bits: 4, granularity: 'block:16', scale: { min: 0.5, max: 0.5 }, zeroPoint },
    });
  });

  it('DynamicQuantizeLSTM, whose weights lie the other way round than those of LSTM', () => {
    const layers = layersOf({
      initializers: [codes('w', [1, 6, 4], 'int8'), codes('r', [1, 1, 4], 'int8'), SCALE, ZERO],
      nodes: [{
        op: 'DynamicQuantizeLSTM', domain: 'com.microsoft', inputs: ['x', 'w', 'r', '', '', '', '', '', 's', 'z', 's', 'z'], outputs: ['y'],
      }],
    });
    expect(layers.map(({ name, channelAxis, quantized }) => [name, channelAxis, quantized])).toEqual(
      [['w', 2, per('channel')], ['r', 2, per('channel')]],
    );
  });

  it('dynamic quantization, whose scale is named after the weight', () => {
    const [layer] = layersOf({
      initializers: [codes('fc_quantized', [6, 4], 'int8'), { ...SCALE, name: 'fc_scale' }, { ...ZERO, name: 'fc_zero_point' }],
      nodes: [{ op: 'MatMulInteger', inputs: ['x', 'fc_quantized', 'a', 'fc_zero_point'], outputs: ['y'] }],
    });
    expect(layer!.quantized).toEqual(per('channel'));
  });
});

describe('copies', () => {
  it.each([[3, 'channel'], [8, 'channel'], [4, 'tensor']] as const)('of %i bits per %s are shown with bits and scale when opened', (bits, granularity) => {
    const weights = laplacian(300 * 100, 3);
    const built = buildModel({
      inputs: [{ name: 'x', dims: [1, 300] }], outputs: [{ name: 'y', dims: [1, 100] }],
      initializers: [{ name: 'w', dims: [300, 100], data: weights }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    const [layer] = indexModel(memoryFiles('c', copyOf(built, { bits, granularity }).model), 'c').layers;
    expect(layer!.quantized).toMatchObject({ bits, granularity });
    const steps = 2 ** (bits - 1) - 1;
    // Of the support `abs-max`.
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    expect(layer!.quantized!.scale!.max).toBe(Math.fround(largest / steps));
  });

  it('open without their external data', () => {
    const built = buildModel({
      inputs: [{ name: 'x', dims: [1, 300] }], outputs: [{ name: 'y', dims: [1, 100] }],
      initializers: [{ name: 'w', dims: [300, 100], data: laplacian(300 * 100, 3) }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    const files = memoryFiles('m', built.model);
    const index = indexModel(files, 'm');
    const { model } = copyFrom(files, index, planAll(index, { bits: 8 }), { maxModelBytes: 2000 });
    const [layer] = indexModel(memoryFiles('c', model), 'c').layers;
    expect(layer!.quantized).toEqual({ bits: 8, granularity: 'channel', scale: null, zeroPoint: null });
  });

  it('say nothing of floats', () => {
    const [layer] = layersOf({ initializers: [{ name: 'w', dims: [6, 4], data: laplacian(24, 1) }], nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }] });
    expect(layer).not.toHaveProperty('quantized');
    expect(obstacleText(layer!)).toBeNull();
  });
});

const MODELS = resolve(import.meta.dirname, '../../../../../shared/models');

describe.skipIf(!existsSync(MODELS))('models of other tools', () => {
  // Numbers as Python's onnx reads them.
  it.each([
    ['conv_int4_qdq', 'int4, per channel, scale 0.133…0.2'],
    ['conv_qdq_external_ini', 'uint8, per tensor, scale 0.00611, zero point 141'],
    ['qdq_multi_consumer', 'uint8, per tensor, scale 0.00139, zero point 131'],
    ['maui_mobilenet', 'int8, per tensor, scale 0.00289'],
  ])('%s', (name, text) => {
    const path = join(MODELS, `${name}.onnx`);
    const files = openModelFiles(path);
    try {
      const { layers } = indexModel(files, path);
      expect(obstacleText(layers[0]!)).toBe(`its weights are quantized already: ${text}`);
      expect(layers.every(({ quantized }) => quantized!.scale !== null)).toBe(true);
    } finally {
      files.close();
    }
  });
});

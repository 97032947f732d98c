import type { LayerRow, PageChannelErrors, PageChannelRanges, PageNodes } from '../../../src/protocol/page';
import { statisticsOf } from './synthetic';

/** This channel is ten times as wide as the others, and the next one is kept exactly. */
const WIDE = 5;

/** Channels of about the same width, but for one. */
export function channelRangesOf(layer: LayerRow, count: number): PageChannelRanges {
  const { std } = statisticsOf(layer);
  const scale = Array.from({ length: count }, (_, channel) => (std ?? 1) * (channel === WIDE ? 10 : 1 + 0.3 * Math.sin(channel)));
  return { index: layer.index, min: scale.map((each) => -3 * each), max: scale.map((each) => 3.2 * each), std: scale };
}

export function channelErrorsOf(layer: LayerRow, count: number, sqnrDb: number): PageChannelErrors {
  const decibels = Array.from({ length: count }, (_, channel) => sqnrDb + 3 * Math.sin(channel) - (channel === WIDE ? 9 : 0));
  return {
    index: layer.index,
    sqnrDb: decibels.map((each, channel) => (channel === WIDE + 1 ? null : each)),
    lossless: decibels.map((_, channel) => channel === WIDE + 1),
    shares: decibels.map((_, channel) => (channel === WIDE ? 0.5 : channel === WIDE + 1 ? 0 : 0.5 / (count - 2))),
  };
}

export function nodesOf({ index, op, node, name, bytes }: LayerRow): PageNodes {
  return {
    index,
    storage: { file: 'resnet8_cifar10.onnx', offset: 4096 * (index + 1), length: bytes, form: index % 2 === 0 ? 'raw' : 'external' },
    consumers: index === 0 ? 2 : 1,
    nodes: [
      {
        op, domain: '', name: node, scope: '', input: 1, inputs: [`${node}_input`, name, ''], outputs: [`${node}_output`],
        attributes: [{ name: 'kernel_shape', value: '[3, 3]' }, { name: 'auto_pad', value: '"SAME_UPPER"' }],
      },
      ...(index === 0 ? [{
        op: 'Gather', domain: 'com.example', name: 'tied', scope: 'If_7.then_branch', input: 0, inputs: [name, 'ids'], outputs: ['rows'],
        attributes: [],
      }] : []),
    ],
  };
}

import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../webview/filter';
import { tableRow } from './rows';

const STORED = { bits: 6, granularity: 'channel', scale: null, zeroPoint: null };
const rows = [
  tableRow(0, { name: 'features.0.weight', op: 'Conv', bits: 4, sqnrDb: 18, bytes: 2 * 1024 ** 2, elements: 2 ** 19 }),
  tableRow(1, { name: 'onnx::MatMul_7', op: 'MatMul', bits: 8, sqnrDb: 41, bytes: 1024 }),
  tableRow(2, { name: 'up.weight', op: 'ConvTranspose', dtype: 'float16', scope: 'If_3/then', bytes: 1000 }),
  tableRow(3, { name: 'quantized', op: 'Gemm', dtype: 'int8', reason: 'already quantized', state: 'cannot', bytes: 4096, quantized: STORED }),
];

function matching(query: string): number[] {
  const { matches } = parseFilter(query);
  return rows.filter(matches).map((row) => row.layer.index);
}

describe('parseFilter', () => {
  it.each([
    ['', [0, 1, 2, 3]],
    ['   ', [0, 1, 2, 3]],
    ['weight', [0, 2]],
    ['WEIGHT features', [0]],
    ['conv', [0, 2]],
    ['if_3', [2]],
    ['onnx::matmul', [1]],
    ['op:conv', [0]],
    ['op:Gemm', [3]],
    ['bits<8', [0, 3]],
    ['bits:6', [3]],
    ['bits<=8', [0, 1, 3]],
    ['bits=8', [1]],
    ['bits:4', [0]],
    ['sqnr<30', [0]],
    ['sqnr>=18', [0, 1]],
    ['size>1MB', [0]],
    ['size>=1KB', [0, 1, 3]],
    ['size<1024', [2]],
    ['size>1.5kb size<1gb', [0, 3]],
    ['name:weight', [0, 2]],
    ['name:/^features\\.\\d/', [0]],
    ['name:/a b|UP/', [2]],
    ['state:float', [2]],
    ['state:quantized', [3]],
    ['-state:quantized', [0, 1, 2]],
    ['state:previewed op:MatMul', [1]],
    ['nowhere', []],
    ['weights>1000', [0]],
    ['weights>=1k', [0]],
    ['weights<0.001M', [1, 2, 3]],
    ['SIZE > 10KB', [0]],
    ['Size >= 1 kb op:CONV', [0]],
    ['bits <8 weight', [0]],
    ['sqnr < 30 dense', []],
    ['op:conv,gemm', [0, 3]],
    ['op:conv,', [0]],
    ['op = Conv', [0]],
    ['OP:matmul', [1]],
    ['type:float16', [2]],
    ['Type = FLOAT16,int8', [2, 3]],
    ['-type:float32', [2, 3]],
    ['state:float,quantized', [2, 3]],
    ['bits:4,8', [0, 1]],
    ['bits = 8', [1]],
    ['name:features,up', [0, 2]],
    ['-weight', [1, 3]],
    ['-op:conv,gemm', [1, 2]],
    ['-bits<8', [1, 2]],
    ['- weight', [0, 2]],
    ['-name:/^up|^q/ -onnx', [0]],
    ['matmul_7:0', []],
    ['moved>0', []],
  ])('%j leaves %j', (query, expected) => {
    expect(parseFilter(query).problems).toEqual([]);
    expect(matching(query)).toEqual(expected);
  });

  it.each(['bits<', 'bits<x', 'size>1XB', 'state:flat', 'name:/(/', 'foo:bar', '-foo:bar', 'foo > 3', 'op:', 'type:,', 'type<3', 'weights>many', 'bits:4,x', 'op<3', 'moved>far'])('says what is wrong with %j and lets every row pass', (query) => {
    expect(parseFilter(query).problems).toHaveLength(1);
    expect(matching(query)).toEqual([0, 1, 2, 3]);
  });

  it('tells layers that cannot be quantized from those that are already', () => {
    const integers = tableRow(0, { dtype: 'int64', reason: 'not floating point', state: 'cannot' });
    expect(parseFilter('state:cannot').matches(integers)).toBe(true);
    expect(parseFilter('state:quantized').matches(integers)).toBe(false);
    expect(matching('state:cannot')).toEqual([]);
  });

  it('names the keys there are where one is unknown', () => {
    expect(parseFilter('foo:bar').problems).toEqual(['unknown key foo: known are op, name, type, state, bits, sqnr, output, moved, size, weights']);
  });

  it('counts no SQNR of a layer that stays as it is', () => {
    expect(parseFilter('sqnr>1').matches(tableRow(0, { bits: 8, sqnrDb: 42, note: 'not smaller' }))).toBe(false);
  });

  it('keeps the parts it understands beside one it does not', () => {
    expect(matching('bits< op:Conv')).toEqual([0]);
  });

  it('takes a lossless layer for better than any SQNR', () => {
    const { matches } = parseFilter('sqnr>100');
    expect(matches(tableRow(0, { bits: 8, sqnrDb: null, mse: 0 }))).toBe(true);
    expect(matches(tableRow(0, { bits: 8, sqnrDb: null }))).toBe(false);
  });

  it('compares errors of outputs where they are measured', () => {
    const { matches } = parseFilter('output<20');
    expect(matches(tableRow(0, { bits: 4, sqnrDb: 25, output: { state: 'measured', sqnrDb: 19 } }))).toBe(true);
    expect(matches(tableRow(0, { bits: 4, sqnrDb: 15, output: { state: 'measured', sqnrDb: 21 } }))).toBe(false);
    expect(matches(tableRow(0, { bits: 4, sqnrDb: 15, output: { state: 'measured', sqnrDb: null } }))).toBe(false);
    for (const output of [{ state: 'pending' }, { state: 'unknown', reason: 'too many' }] as const) {
      expect(matches(tableRow(0, { bits: 4, sqnrDb: 15, output }))).toBe(false);
    }
    expect(matches(tableRow(0, { bits: 4, sqnrDb: 15 }))).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/arguments';
import { UsageError } from '../../../src/cli/usageError';

const parse = (line: string) => parseArguments(line === '' ? [] : line.split(' '));

describe('parseArguments', () => {
  test.each([
    ['--version', { command: 'version' }],
    ['--help', { command: 'help' }],
    ['inspect --help', { command: 'help', of: 'inspect' }],
    ['inspect m.onnx', { command: 'inspect', model: 'm.onnx', json: false, layer: undefined, bins: 128 }],
    ['inspect --json --bins 40 m.onnx --layer conv1.weight',
      { command: 'inspect', model: 'm.onnx', json: true, layer: 'conv1.weight', bins: 40 }],
    ['preview m.onnx', { command: 'preview', model: 'm.onnx', json: false, selection: { settings: {}, layers: [] } }],
    ['preview m.onnx --bits 4 --granularity=tensor --grid mid-rise --normalize model --support aciq --method uniform'
      + ' --rounding nearest --format exact --layers conv* --layers fc?',
    { command: 'preview', model: 'm.onnx', json: false, selection: {
      settings: { bits: 4, granularity: 'tensor', grid: 'mid-rise', normalize: 'model', support: 'aciq', method: 'uniform',
        rounding: 'nearest' },
      layers: ['conv*', 'fc?'] } }],
    ['quantize m.onnx -o out.onnx --plan p.json --verify', { command: 'quantize', model: 'm.onnx', json: false,
      selection: { plan: 'p.json' }, output: 'out.onnx', verify: true, force: false }],
  ])('%s', (line, expected) => expect(parse(line)).toEqual(expected));

  test.each([
    ['', 'no command given: use inspect, preview, quantize, or --help'],
    ['inspct m.onnx', 'unknown command inspct. Did you mean inspect?'],
    ['m.onnx', 'unknown command m.onnx: use inspect, preview, quantize'],
    ['allocate m.onnx', 'the command allocate is not available in this version'],
    ['compare a b', 'the command compare is not available in this version'],
    ['evaluate m.onnx', 'the command evaluate is not available in this version'],
    ['inspect', 'inspect needs a model: quantscope inspect MODEL'],
    ['inspect a.onnx b.onnx', 'inspect takes one model, and "b.onnx" is a second argument'],
    ['inspect m.onnx --bits 4', 'inspect has no option --bits. Did you mean --bins?'],
    ['preview m.onnx --bist 4', 'preview has no option --bist. Did you mean --bits?'],
    ['preview m.onnx --frobnicate', 'preview has no option --frobnicate: see quantscope preview --help'],
    ['preview m.onnx -x', 'preview has no option -x: see quantscope preview --help'],
    ['preview m.onnx --calibration x.npy', 'the option --calibration is not available in this version'],
    ['preview m.onnx --json=yes', '--json takes no value'],
    ['preview m.onnx --bits', '--bits needs a value: --bits 2|3|4|5|6|7|8'],
    ['quantize m.onnx -o --force', '-o needs a value: -o OUT'],
    ['quantize m.onnx', 'quantize needs -o OUT, the file to write'],
    ['preview m.onnx --bits 9', '"9" is not a choice for bits (--bits). Choose one of: 2, 3, 4, 5, 6, 7, 8.'],
    ['preview m.onnx --bits 4.5', '"4.5" is not a choice for bits (--bits). Choose one of: 2, 3, 4, 5, 6, 7, 8.'],
    ['preview m.onnx --grid symetric', '"symetric" is not a choice for grid (--grid). Did you mean "symmetric"?'],
    ['preview m.onnx --method best', '"best" as method is not available in this version (--method). '
      + 'Choose one of: uniform, sptq, msptq, lloyd-max, subset, apot, pwlq, n2uq.'],
    ['preview m.onnx --granularity block:33', '"block:33" is not a choice for granularity (--granularity). Did you mean "block:32"?'],
    ['preview m.onnx --rounding gptq',
      '"gptq" as rounding is not available in this version (--rounding). Choose one of: nearest.'],
    ['preview m.onnx --format qdq', '--format qdq is not available in this version'],
    ['preview m.onnx --format zip', '--format is exact, not "zip"'],
    ['preview m.onnx --plan p.json --bits 4', '--plan and --bits exclude each other: the plan says it all'],
    ['preview m.onnx --plan p.json --layers a', '--plan and --layers exclude each other: the plan says it all'],
    ['inspect m.onnx --bins 0', '--bins needs a whole number from 1 to 65536, not "0"'],
    ['inspect m.onnx --bins 65537', '--bins needs a whole number from 1 to 65536, not "65537"'],
    ['inspect m.onnx --bins 1e3', '--bins needs a whole number from 1 to 65536, not "1e3"'],
  ])('%s is refused', (line, message) => expect(() => parse(line)).toThrow(new UsageError(message)));
});

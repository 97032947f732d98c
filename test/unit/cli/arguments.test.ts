import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../src/cli/arguments';
import { UsageError } from '../../../src/cli/usageError';

const parse = (line: string) => parseArguments(line === '' ? [] : line.split(' '));

describe('parseArguments', () => {
  test.each([
    ['--version', { command: 'version' }],
    ['--help', { command: 'help' }],
    ['help preview', { command: 'help', of: 'preview' }],
    ['help', { command: 'help' }],
    ['inspect --help', { command: 'help', of: 'inspect' }],
    ['inspect m.onnx', { command: 'inspect', model: 'm.onnx', json: false, layer: undefined, bins: 128 }],
    ['inspect --json --bins 40 m.onnx --layer conv1.weight',
      { command: 'inspect', model: 'm.onnx', json: true, layer: 'conv1.weight', bins: 40 }],
    ['preview m.onnx',
      { command: 'preview', model: 'm.onnx', json: false, selection: { settings: {}, layers: [] }, format: 'exact', tuning: {} }],
    ['preview m.onnx --bits 4 --granularity=tensor --grid mid-rise --normalize model --support aciq --method uniform'
      + ' --rounding nearest --format qdq --layers conv* --layers fc?',
    { command: 'preview', model: 'm.onnx', json: false, selection: {
      settings: { bits: 4, granularity: 'tensor', grid: 'mid-rise', normalize: 'model', support: 'aciq', method: 'uniform',
        rounding: 'nearest' },
      layers: ['conv*', 'fc?'] }, format: 'qdq', tuning: {} }],
    ['quantize m.onnx -o out.onnx --plan p.json --verify', { command: 'quantize', model: 'm.onnx', json: false,
      selection: { plan: 'p.json' }, format: 'exact', tuning: {}, output: 'out.onnx', verify: true, force: false }],
    ['compare a b', { command: 'compare', a: 'a', b: 'b', json: false, changes: false, tolerance: 0, inputs: {} }],
    ['compare a b --tolerance 1e-6 --inputs x.npz --input-scale 1/255 --layout nhwc --changes --json', { command: 'compare',
      a: 'a', b: 'b', json: true, changes: true, tolerance: 1e-6, inputs: { file: 'x.npz', scale: 1 / 255, layout: 'nhwc' } }],
    ['preview m.onnx --method best --bits 3 --layers a', { command: 'preview', model: 'm.onnx', json: false,
      selection: { settings: { bits: 3 }, layers: ['a'], best: true }, format: 'exact', tuning: {} }],
    ['preview m.onnx --calibration x.npz --calibration-samples 64 --input-scale 2 --layout nchw --bias-correction --equalize', {
      command: 'preview', model: 'm.onnx', json: false, selection: { settings: {}, layers: [] }, format: 'exact', tuning: {
        calibration: { inputs: 'x.npz', samples: 64, scale: 2, layout: 'nchw' }, biasCorrection: true, equalization: true } }],
  ])('%s', (line, expected) => expect(parse(line)).toEqual(expected));

  test.each(['2.5', '.5', '4', '1e3'])('a support of %s is a number', (limit) => {
    expect(parse(`preview m.onnx --support ${limit}`)).toMatchObject({ selection: { settings: { support: Number(limit) } } });
  });

  test.each(['0', '-1', '-.5', '1e9', '1e999', 'two'])('a support of %s is refused', (limit) => {
    for (const given of [`--support=${limit}`, `--support ${limit}`]) {
      expect(() => parse(`preview m.onnx ${given}`)).toThrow(new UsageError(
        `"${limit}" is not a choice for support (--support). Choose one of: abs-max, max-pos, abs-min, jayant, hui, hui-neuhoff, `
        + 'aciq, mse, or a number of standard deviations above 0, at most 1000000.',
      ));
    }
  });

  test.each([
    ['', 'no command given: use inspect, preview, quantize, allocate, compare, evaluate, or --help'],
    ['inspct m.onnx', 'unknown command inspct. Did you mean inspect?'],
    ['m.onnx', 'unknown command m.onnx: use inspect, preview, quantize, allocate, compare, evaluate'],
    ['compare a', 'compare needs two models: quantscope compare A B'],
    ['compare a b c', 'compare takes two models, and "c" is a third argument'],
    ['compare a b --tolerance=-1', '--tolerance needs a number from 0 on, such as 1e-6, not "-1"'],
    ['compare a b --tolerance -1', '--tolerance needs a number from 0 on, such as 1e-6, not "-1"'],
    ['compare a b --tolerance 1e999', '--tolerance needs a number from 0 on, such as 1e-6, not "1e999"'],
    ['compare a b --layout nhwc', '--layout says how --inputs is read, which is not given'],
    ['compare a b --inputs x --layout hwc', '--layout is nchw or nhwc, not "hwc"'],
    ['compare a b --inputs x --input-scale 1/0', '--input-scale needs a number or a fraction above 0, such as 1/255, not "1/0"'],
    ['compare a b --inputs x --input-scale -1', '--input-scale needs a number or a fraction above 0, such as 1/255, not "-1"'],
    ['evaluate m.onnx --inputs x --samples -5', '--samples needs a whole number from 1 on, not "-5"'],
    ['evaluate', 'evaluate needs a model: quantscope evaluate MODEL'],
    ['evaluate m.onnx --labels y', '--labels goes with --inputs, which is not given'],
    ['evaluate m.onnx --samples 5', '--samples goes with --inputs, which is not given'],
    ['evaluate m.onnx --layout nhwc', '--layout says how --inputs is read, which is not given'],
    ['evaluate m.onnx --inputs x --samples 0', '--samples needs a whole number from 1 on, not "0"'],
    ['evaluate m.onnx --reference f.onnx --bits 4', '--reference and --bits exclude each other: a copy is held against its own model'],
    ['inspect', 'inspect needs a model: quantscope inspect MODEL'],
    ['inspect a.onnx b.onnx', 'inspect takes one model, and "b.onnx" is a second argument'],
    ['inspect m.onnx --bits 4', 'inspect has no option --bits. Did you mean --bins?'],
    ['allocate m.onnx --bits 3 -o p.json', 'allocate has no option --bits. Did you mean --average-bits?'],
    ['preview m.onnx --bist 4', 'preview has no option --bist. Did you mean --bits?'],
    ['preview m.onnx --frobnicate', 'preview has no option --frobnicate: see quantscope preview --help'],
    ['preview m.onnx -x', 'preview has no option -x: see quantscope preview --help'],
    ['preview m.onnx --calibration x.npy --calibration-samples 0',
      '--calibration-samples needs a whole number from 1 on, not "0"'],
    ['preview m.onnx --layout nchw', '--layout says how --calibration is read, which is not given'],
    ['preview m.onnx --json=yes', '--json takes no value'],
    ['preview m.onnx --bits 4 --bits 3', '--bits is given twice'],
    ['quantize m.onnx -o a.onnx --output b.onnx', '--output is given twice'],
    ['preview m.onnx --json --json', '--json is given twice'],
    ['preview m.onnx --bits', '--bits needs a value: --bits 2|3|4|5|6|7|8'],
    ['preview m.onnx --support --json', '--support needs a value: --support abs-max|max-pos|abs-min|jayant|hui|hui-neuhoff|aciq|mse|LIMIT'],
    ['quantize m.onnx -o --force', '-o needs a value: -o OUT'],
    ['quantize m.onnx', 'quantize needs -o OUT, the file to write'],
    ['preview m.onnx --bits 9', '"9" is not a choice for bits (--bits). Choose one of: 2, 3, 4, 5, 6, 7, 8.'],
    ['preview m.onnx --bits 4.5', '"4.5" is not a choice for bits (--bits). Choose one of: 2, 3, 4, 5, 6, 7, 8.'],
    ['preview m.onnx --grid symetric', '"symetric" is not a choice for grid (--grid). Did you mean "symmetric"?'],
    ['preview m.onnx --method bset', '"bset" is not a choice for method (--method). Did you mean "best"?'],
    ['preview m.onnx --method awq',
      '"awq" is not a choice for method (--method). Choose one of: uniform, sptq, msptq, lloyd-max, subset, apot, pwlq, n2uq, best.'],
    ['preview m.onnx --method best --mode entropy', '--method best and --mode exclude each other: a mode belongs to its method'],
    ['preview m.onnx --plan p.json --method best', '--plan and --method exclude each other: the plan says it all'],
    ['preview m.onnx --method subset --bits 8', '"8" is not a choice for bits with method subset (--bits). Choose one of: 2, 3, 4.'],
    ['preview m.onnx --mode laplace', '"laplace" is not a choice for mode with method uniform (--mode). Leave it out.'],
    ...['block:33', 'block:0', 'block:1024'].map((value): [string, string] => [
      `preview m.onnx --granularity ${value}`, `"${value}" is not a choice for granularity (--granularity). `
      + 'Choose one of: tensor, channel, block:256, block:128, block:64, block:32, block:16.',
    ]),
    ['preview m.onnx --granularity blok:32', '"blok:32" is not a choice for granularity (--granularity). Did you mean "block:32"?'],
    ['preview m.onnx --rounding reconstruction',
      '"reconstruction" is not a choice for rounding with method uniform (--rounding). '
      + 'Choose one of: nearest, gptq, attention, attention-normal.'],
    ['preview m.onnx --method n2uq --mode calibrated --rounding gptq --calibration x.npy',
      '"gptq" is not a choice for rounding with mode calibrated (--rounding). Choose one of: nearest.'],
    ...([
      ['preview m.onnx --rounding gptq', 'The rounding "gptq" of a layer needs calibration data (--rounding)'],
      ['preview m.onnx --method best --rounding gptq', 'The rounding "gptq" of a layer needs calibration data (--rounding)'],
      ['evaluate m.onnx --method n2uq --mode calibrated', 'The mode "calibrated" of a layer needs calibration data (--mode)'],
      ['quantize m.onnx -o out.onnx --bias-correction', 'Correcting biases needs calibration data (--bias-correction)'],
    ] as const).map(([line, problem]): [string, string] => [
      line, `${problem}. Name a file of inputs with --calibration FILE, or in the plan.`,
    ]),
    ['allocate m.onnx -o p.json --average-bits 4 --by calibrated',
      '--by calibrated measures errors of outputs: name inputs with --calibration FILE, or in the plan'],
    ['allocate m.onnx -o p.json --average-bits 4 --coding total', '--coding goes with --by coding-length'],
    ['allocate m.onnx -o p.json --average-bits 4 --by sqnr --distortion 0.01', '--distortion goes with --by coding-length'],
    ['preview m.onnx --format zip', '--format is one of exact, fast, qdq, not "zip"'],
    ['preview m.onnx --plan p.json --bits 4', '--plan and --bits exclude each other: the plan says it all'],
    ['preview m.onnx --plan p.json --layers a', '--plan and --layers exclude each other: the plan says it all'],
    ['inspect m.onnx --bins 0', '--bins needs a whole number from 1 to 65536, not "0"'],
    ['inspect m.onnx --bins 65537', '--bins needs a whole number from 1 to 65536, not "65537"'],
    ['inspect m.onnx --bins 1e3', '--bins needs a whole number from 1 to 65536, not "1e3"'],
  ])('%s is refused', (line, message) => expect(() => parse(line)).toThrow(new UsageError(message)));
});

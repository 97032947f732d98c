import { expect, test } from 'vitest';
import { problemLine } from '../../../src/cli/problemLine';
import type { Problem } from '../../../src/core/errors';

test.each<[Problem, string]>([
  [{ code: 'target-exists', place: { file: 'c.onnx' }, detail: {} },
    'There is a file of that name already (c.onnx). Choose another name, or allow replacing it with --force.'],
  [{ code: 'calibration-missing', place: { tensor: 'w' }, detail: { setting: 'rounding', value: 'gptq' } },
    'The rounding "gptq" of a layer needs calibration data (tensor w). Name a file of inputs with --calibration FILE, or in the plan.'],
  [{ code: 'inputs-invalid', place: { file: 'x.npy' }, detail: { message: 'an array does not fit', layouts: 'nhwc' } },
    'The input file cannot be used: an array does not fit (x.npy). Say how its images lie with --layout nhwc.'],
  [{ code: 'inputs-invalid', place: { file: 'x.npy' }, detail: { message: 'it is empty' } },
    'The input file cannot be used: it is empty (x.npy). Give a .npy, .npz or IDX file whose arrays fit the model\'s inputs.'],
  [{ code: 'setting-invalid', place: { path: 'defaults.method' }, detail: { setting: 'method', value: 'best', reason: 'a-search' } },
    '"best" is a search, which a plan cannot hold (defaults.method). Use the option --method best.'],
])('%j', (problem, line) => expect(problemLine(problem)).toBe(line));

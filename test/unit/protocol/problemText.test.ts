import { expect, test } from 'vitest';
import { unexpectedProblem, type Problem, type ProblemCode } from '../../../src/core/errors';
import { problemLine, problemLog, problemText, skipReasonText } from '../../../src/protocol/problemText';

const problem = (code: ProblemCode, place: Problem['place'] = {}, detail: Problem['detail'] = {}): Problem => ({ code, place, detail });

test.each<[Problem, string]>([
  [problem('cancelled'), 'Cancelled.'],
  [problem('file-not-found', { file: 'm.onnx' }), 'There is no such file (m.onnx). Check the path.'],
  [problem('truncated', { file: 'm.onnx', offset: 99 }, { expected: 120, actual: 100 }),
    'The file ends before the model does (120 expected, 100 found) (m.onnx, at byte 99). Copy or download it again completely.'],
  [problem('data-too-short', { file: 'w.bin' }, { expected: 4096, actual: 12 }),
    'The file is too short: what the model keeps in it takes 4096 bytes, and it has 12 (w.bin). '
    + 'Choose the file that was written with this model, or copy or download it again completely.'],
  [problem('no-such-layer', { path: 'layers["a"]' }, { name: 'a', suggestion: 'b' }),
    'The model has no layer named "a" (layers["a"]). Did you mean "b"?'],
  [problem('setting-invalid', { path: 'defaults.bits' }, { setting: 'bits', value: '4', expected: '2, 3, 4', reason: 'quoted' }),
    '"4" is not a choice for bits (defaults.bits). Write 4 without quotes.'],
  [problem('setting-invalid', { path: 'equalization' }, { setting: 'equalization', value: 'yes', expected: 'true, false' }),
    '"yes" is not a choice for equalization (equalization). Choose one of: true, false.'],
  [problem('not-quantizable', { tensor: 'w' }, { reason: 'not-finite' }),
    'The layer cannot be quantized: it contains NaN or infinite weights (tensor w). Leave it in float.'],
  [problem('plan-invalid', { file: 'p.json' }, { reason: 'not-json', message: 'Unexpected\n token' }),
    'The plan is not valid JSON: Unexpected token (p.json). Correct its syntax.'],
  [problem('plan-invalid', { path: 'version' }, { reason: 'version' }), 'The plan does not say its version (version). Write "version": 1.'],
  [problem('nothing-to-quantize', { file: 'm.onnx' }, { 'not-smaller': 1, 'float-in-plan': 3 }),
    'No layer of the model would be quantized (3 of 4: it is kept in float; 1 of 4: it would not get smaller) (m.onnx). '
    + 'The preview tells the reasons layer by layer.'],
  [problem('nothing-to-quantize', { file: 'm.onnx' }),
    'No layer of the model would be quantized (m.onnx). '
    + 'It has none: no constant is a weight, of two or more dimensions, of an operator such as Conv, Gemm, MatMul or LSTM.'],
  [problem('folder-not-found', {}, { folder: 'no/where' }), 'There is no folder no/where. Create it, or choose another.'],
  [problem('calibration-missing', { tensor: 'w' }, { setting: 'rounding', value: 'gptq' }),
    'The rounding "gptq" of a layer needs calibration data (tensor w). '
    + 'Name a file of inputs by Set Calibration Data….'],
  [problem('calibration-missing', { file: 'm.onnx' }),
    'Correcting biases needs calibration data (m.onnx). '
    + 'Name a file of inputs by Set Calibration Data….'],
  [problem('inputs-invalid', { file: 'x.npy' }, { message: 'it is empty' }),
    'The input file cannot be used: it is empty (x.npy). Give a .npy, .npz or IDX file whose arrays fit the model\'s inputs.'],
  [problem('inputs-invalid', { file: 'x.npy' }, { message: 'an array does not fit', layouts: 'nhwc' }),
    'The input file cannot be used: an array does not fit (x.npy). '
    + 'Choose it in Evaluate… or Set Calibration Data…, which ask how its images lie.'],
  [problem('target-exists', { file: 'c.onnx' }), 'There is a file of that name already (c.onnx). Choose another name.'],
  [problem('setting-invalid', { path: 'defaults.method' }, { setting: 'method', value: 'best', reason: 'a-search' }),
    '"best" is a search, which a plan cannot hold (defaults.method). Use the command Use Best Method.'],
  [problem('verification-failed', { file: 'c.onnx', tensor: 'w' }, { maxAbsDifference: 1 }),
    'ONNX Runtime reads other weights from the copy than were meant (c.onnx, tensor w). The copy was removed; please report this.'],
  [problem('verification-failed', { file: 'c.onnx' }, { message: 'no kernel' }),
    'ONNX Runtime does not run the copy, though it runs the model: no kernel (c.onnx). The copy was removed; please report this.'],
  [problem('model-does-not-run', {}, { message: 'Got rank 3 in .' }),
    'ONNX Runtime could not run the model: Got rank 3 in. Check that it takes these inputs and has no operators of its own.'],
  [problem('internal', {}, { message: 'boom' }),
    'Something unexpected went wrong inside Quantscope: boom. Try again; if it persists, report it with the log.'],
])('%j', (value, line) => expect(problemLine(value)).toBe(line));

test('a reason from outside that is none of ours is not looked up', () => {
  expect(problemText(problem('not-quantizable', {}, { reason: 'constructor' })).title).toBe('The layer cannot be quantized');
  expect(problemText(problem('plan-invalid', {}, { reason: 'toString' })).title).toBe('The plan cannot be used: toString');
});

test('skip reasons are told as clauses', () => {
  expect(skipReasonText('not-smaller')).toBe('it would not get smaller');
});

test('people read what went wrong unexpectedly, the log has the stack too', () => {
  const unexpected = unexpectedProblem(new Error('boom'));
  expect(problemLine(unexpected)).not.toMatch(/\n/);
  expect(problemLog(unexpected)).toMatch(/: boom\..*\nError: boom\n +at .*problemText\.test/);
  expect(problemLog(unexpectedProblem('odd'))).toBe(problemLine(problem('internal', {}, { message: 'odd' })));
  expect(problemLog(problem('cancelled'))).toBe('Cancelled.');
});

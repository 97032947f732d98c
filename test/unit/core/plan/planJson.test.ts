import { describe, expect, test } from 'vitest';
import { setAll, setBits, applyEdit } from '../../../../src/core/plan/edits';
import { emptyPlan, resolvePlan } from '../../../../src/core/plan/plan';
import { faultOf, noFaults } from '../../../../src/core/plan/planFaults';
import { parsePlan, stringifyPlan } from '../../../../src/core/plan/planJson';
import { planLayer } from './layers';

const layers = [
  planLayer(0, 'conv1.weight'),
  planLayer(1, 'fc.weight'),
  planLayer(2, 'inner.weight', { scope: 'If_3.then_branch', quantizable: { reason: 'already-quantized' } }),
];

const complete = {
  version: 1,
  model: 'm.onnx',
  defaults: { method: 'uniform', bits: 8, granularity: 'channel' },
  layers: { 'conv1.weight': { bits: 4, support: 2.174785 }, 'fc.weight': 'float' },
};

describe('parsePlan', () => {
  test('reads a plan without problems, from text and from a value alike', () => {
    const parsed = parsePlan(complete, layers);
    expect(parsed).toEqual({ plan: complete, problems: [], faults: noFaults() });
    expect(parsePlan(JSON.stringify(complete), layers)).toEqual(parsed);
  });

  test.each([
    ['{"version": 1,', 'plan-invalid', undefined, { reason: 'not-json' }],
    ['[]', 'plan-invalid', undefined, { reason: 'not-an-object' }],
    ['"float"', 'plan-invalid', undefined, { reason: 'not-an-object' }],
    ['{"version": 2, "model": "m"}', 'plan-invalid', 'version', { reason: 'version', value: '2' }],
    ['{"model": "m"}', 'plan-invalid', 'version', { reason: 'version' }],
  ])('%s is no plan', (text, code, path, detail) => {
    const { plan, problems } = parsePlan(text, layers);
    expect(plan).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, place: path === undefined ? {} : { path }, detail });
  });

  test.each([
    ['{"version": 1,\n  "layers": {},\n}', / name, line 3, column 1$/],
    ['{"version": 1 "model": "m"}', /, line 1, column 15$/],
    ['{"version": 1,', / end of JSON input$|, line 1, column 15$/],
  ])('says where %s is no JSON', (text, where) => expect(parsePlan(text, layers).problems[0]!.detail.message).toMatch(where));

  test.each([
    [{ model: 7 }, 'plan-invalid', 'model', { reason: 'model-name' }],
    [{ layer: {} }, 'plan-invalid', 'layer', { reason: 'unknown-key', key: 'layer', suggestion: 'layers' }],
    [{ layers: [] }, 'plan-invalid', 'layers', { reason: 'not-an-object' }],
    [{ defaults: 8 }, 'plan-invalid', 'defaults', { reason: 'not-an-entry', value: '8' }],
    [{ defaults: { bit: 4 } }, 'plan-invalid', 'defaults.bit', { reason: 'unknown-key', key: 'bit', suggestion: 'bits' }],
    [{ defaults: { bits: 9 } }, 'setting-invalid', 'defaults.bits',
      { setting: 'bits', value: '9', expected: '2, 3, 4, 5, 6, 7, 8' }],
    [{ defaults: { bits: '4' } }, 'setting-invalid', 'defaults.bits', { value: '4', reason: 'quoted' }],
    [{ defaults: { grid: 'symetric' } }, 'setting-invalid', 'defaults.grid', { value: 'symetric', suggestion: 'symmetric' }],
    [{ defaults: { method: 'best' } }, 'setting-invalid', 'defaults.method', { value: 'best', reason: 'a-search' }],
    [{ defaults: { granularity: 'block:8' } }, 'setting-invalid', 'defaults.granularity', { value: 'block:8' }],
    [{ layers: { 'conv1.wieght': 'float' } }, 'no-such-layer', 'layers["conv1.wieght"]',
      { name: 'conv1.wieght', suggestion: 'conv1.weight' }],
    [{ layers: { 'inner.weight': 'float' } }, 'no-such-layer', 'layers["inner.weight"]',
      { name: 'inner.weight', suggestion: 'If_3.then_branch::inner.weight' }],
    [{ layers: { 'conv1.weight': 'flaot' } }, 'plan-invalid', 'layers["conv1.weight"]', { reason: 'not-an-entry' }],
    [{ layers: { 'conv1.weight': { support: null } } }, 'setting-invalid', 'layers["conv1.weight"].support', { value: 'null' }],
    [{ defaults: { support: 0 } }, 'setting-invalid', 'defaults.support', { setting: 'support', value: '0' }],
    [{ defaults: { support: -2.5 } }, 'setting-invalid', 'defaults.support', { setting: 'support', value: '-2.5' }],
    [{ defaults: { support: 1e7 } }, 'setting-invalid', 'defaults.support', { setting: 'support', value: '10000000' }],
    [{ defaults: { support: '2.5' } }, 'setting-invalid', 'defaults.support', { value: '2.5', reason: 'quoted' }],
    [{ defaults: { support: '1e7' } }, 'setting-invalid', 'defaults.support', { value: '1e7', setting: 'support' }],
    [{ calibration: 'images.npy' }, 'plan-invalid', 'calibration', { reason: 'not-an-object' }],
    [{ calibration: {} }, 'setting-invalid', 'calibration.inputs', { setting: 'inputs', expected: 'a path on this machine' }],
    [{ calibration: { inputs: '//server/share/x.npy' } }, 'setting-invalid', 'calibration.inputs', { expected: 'a path on this machine' }],
    [{ calibration: { inputs: '\\\\server\\share\\x.npy' } }, 'setting-invalid', 'calibration.inputs', { setting: 'inputs' }],
    [{ calibration: { inputs: 'x.npy', samples: 1.5 } }, 'setting-invalid', 'calibration.samples', { value: '1.5' }],
    [{ calibration: { inputs: 'x.npy', samples: '5' } }, 'setting-invalid', 'calibration.samples', { value: '5', reason: 'quoted' }],
    [{ calibration: { inputs: 'x.npy', scale: 0 } }, 'setting-invalid', 'calibration.scale', { value: '0' }],
    [{ calibration: { inputs: 'x.npy', layout: 'hwc' } }, 'setting-invalid', 'calibration.layout', { expected: 'nchw, nhwc' }],
    [{ calibration: { inputs: 'x.npy', sample: 5 } }, 'plan-invalid', 'calibration.sample', { suggestion: 'samples' }],
    [{ biasCorrection: 'yes' }, 'setting-invalid', 'biasCorrection', { value: 'yes', expected: 'true, false' }],
    [{ equalization: 'true' }, 'setting-invalid', 'equalization', { value: 'true', reason: 'quoted' }],
    [{ layers: { 'If_3.then_branch::inner.weight': { bits: 4 } } }, 'not-quantizable',
      'layers["If_3.then_branch::inner.weight"]', { reason: 'already-quantized' }],
  ])('%j is reported where it stands', (part, code, path, detail) => {
    const { plan, problems } = parsePlan({ version: 1, model: 'm.onnx', ...part }, layers);
    expect(plan).not.toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, place: { path }, detail });
  });

  test.each([
    [{ defaults: { method: 'subset', bits: 8 } }, ['defaults.bits', 'bits', '8', 'subset', '2, 3, 4']],
    [{ defaults: { method: 'subset', granularity: 'block:64' } }, ['defaults.granularity', 'granularity', 'block:64', 'subset', 'tensor']],
    [{ defaults: { bits: 8 }, layers: { 'conv1.weight': { method: 'apot' } } },
      ['layers["conv1.weight"].method', 'bits', '8', 'apot', '2, 3, 4, 5']],
    [{ defaults: { method: 'pwlq' }, layers: { 'conv1.weight': { bits: 2 }, 'fc.weight': { grid: 'affine' } } },
      ['layers["conv1.weight"].bits', 'bits', '2', 'pwlq', '3, 4, 5, 6, 7, 8']],
    [{ defaults: { method: 'sptq', bits: 2, mode: 'iterative' }, layers: { 'conv1.weight': { bits: 3 } } },
      ['layers["conv1.weight"].bits', 'mode', 'iterative', 'sptq', 'numerical']],
    [{ layers: { gone: { mode: 'laplace' } } }, ['layers["gone"].mode', 'mode', 'laplace', 'uniform', '']],
    [{ defaults: { rounding: 'reconstruction' } },
      ['defaults.rounding', 'rounding', 'reconstruction', 'uniform', 'nearest, gptq, attention, attention-normal']],
    [{ defaults: { method: 'n2uq', mode: 'calibrated', rounding: 'gptq' } },
      ['defaults.rounding', 'rounding', 'gptq', 'n2uq', 'nearest', 'calibrated']],
  ])('%j does not go together', (part, [path, setting, value, method, expected, mode]) => {
    const written = { version: 1, model: 'm.onnx', layers: {}, ...part };
    const { plan, problems, faults } = parsePlan(written, layers);
    expect(problems.filter(({ code }) => code !== 'no-such-layer'))
      .toEqual([{ code: 'setting-invalid', place: { path }, detail: { setting, value, method, expected, ...(mode !== undefined && { mode }) } }]);
    expect(plan).toEqual(written);
    expect(faults).toEqual(noFaults());
  });

  test('a mode of the defaults is not inherited by an entry of another method', () => {
    const { plan, problems } = parsePlan({
      version: 1, model: 'm', defaults: { method: 'n2uq', mode: 'entropy', bits: 3 },
      layers: { 'conv1.weight': { method: 'lloyd-max' }, 'fc.weight': { method: 'n2uq' } },
    }, layers);
    expect(problems).toEqual([]);
    expect(resolvePlan(plan!, layers).map(({ settings }) => [settings.method, settings.mode, settings.bits]))
      .toEqual([['lloyd-max', undefined, 3], ['n2uq', 'entropy', 3]]);
  });

  test('keeps the entries of layers the model no longer has', () => {
    const { plan } = parsePlan({ version: 1, model: 'm.onnx', layers: { gone: { bits: 3 } } }, layers);
    expect(plan?.layers).toEqual({ gone: { bits: 3 } });
  });

  test.each([{ bits: 13 }, { bits: 4, grid: 'round' }, { bit: 4 }, 'flaot', null])(
    'a layer named with %j stays float, and no default takes its place', (entry) => {
      const json = { version: 1, model: 'm', defaults: { bits: 6 }, layers: { 'conv1.weight': entry } };
      const { plan, problems, faults } = parsePlan(json, layers);
      expect(resolvePlan(plan!, layers).map(({ layer }) => layer)).toEqual([1]);
      expect(faultOf(plan!, faults, 'conv1.weight')).toBe(problems[0]);
      expect(faultOf(plan!, faults, 'fc.weight')).toBeUndefined();
      const edited = applyEdit(plan!, setBits(plan!, ['conv1.weight'], 3));
      expect(edited.layers['conv1.weight']).toEqual({ bits: 3 });
      expect(faultOf(edited, faults, 'conv1.weight')).toBeUndefined();
    },
  );

  test('defaults that cannot be used leave float what rests on them', () => {
    const named = { 'conv1.weight': { granularity: 'tensor' }, 'If_3.then_branch::inner.weight': 'float' };
    const { plan, problems, faults } = parsePlan({ version: 1, model: 'm', defaults: { bits: 13 }, layers: named }, layers);
    expect(resolvePlan(plan!, layers)).toEqual([]);
    expect(['conv1.weight', 'fc.weight', 'If_3.then_branch::inner.weight'].map((key) => faultOf(plan!, faults, key)))
      .toEqual([problems[0], problems[0], undefined]);
    const edited = applyEdit(plan!, setAll(plan!, [], { bits: 8 }));
    expect(faultOf(edited, faults, 'fc.weight')).toBeUndefined();
  });

  test('reports misspelt names first, then what cannot be used, what does not fit the model, and a missing name last', () => {
    const named = { gone: { bits: 4 }, 'fc.wieght': 'float', 'If_3.then_branch::inner.weight': { bits: 4 }, 'fc.weight': { bits: 13 } };
    const { problems } = parsePlan({ version: 1, layrs: {}, layers: named }, layers);
    expect(problems.map(({ code, detail }) => [code, detail.key ?? detail.name ?? detail.value ?? detail.reason])).toEqual([
      ['plan-invalid', 'layrs'], ['no-such-layer', 'fc.wieght'], ['setting-invalid', '13'], ['no-such-layer', 'gone'],
      ['not-quantizable', 'already-quantized'], ['plan-invalid', 'model-name'],
    ]);
  });
});

describe('layer names that are also properties of every object', () => {
  const hostile = ['__proto__', 'constructor', 'toString'].map((name, index) => planLayer(index, name));

  test('are not planned by themselves', () => {
    expect(resolvePlan(emptyPlan('m.onnx'), hostile)).toEqual([]);
  });

  test('survive writing and reading', () => {
    const text = '{"version":1,"model":"m","layers":{"__proto__":{"bits":3},"constructor":{"bits":4}}}';
    const { plan, problems } = parsePlan(text, hostile);
    expect(problems).toEqual([]);
    expect(resolvePlan(plan!, hostile).map(({ layer, settings }) => [layer, settings.bits])).toEqual([[0, 3], [1, 4]]);
    expect(parsePlan(stringifyPlan(plan!), hostile).plan).toEqual(plan);
  });
});

test('defaults do not reach fixed transforms, entries of their own do', () => {
  const basis = planLayer(0, 'stft.basis', { fixed: true });
  const weight = planLayer(1, 'fc.weight');
  const byDefault = { ...emptyPlan('m.onnx'), defaults: { bits: 4 } as const };
  expect(resolvePlan(byDefault, [basis, weight]).map(({ layer }) => layer)).toEqual([1]);
  const chosen = { ...byDefault, layers: { 'stft.basis': { bits: 8 } as const } };
  expect(resolvePlan(chosen, [basis, weight]).map(({ layer, settings }) => [layer, settings.bits])).toEqual([[0, 8], [1, 4]]);
});

test('stringifyPlan writes equal plans alike, whatever order they were built in', () => {
  const a = parsePlan({ version: 1, model: 'm', layers: { b: { grid: 'affine', bits: 3 }, a: 'float' } }, []).plan!;
  const b = parsePlan({ layers: { a: 'float', b: { bits: 3, grid: 'affine' } }, model: 'm', version: 1 }, []).plan!;
  expect(stringifyPlan(a)).toBe(stringifyPlan(b));
  expect(stringifyPlan(a)).toBe(
    '{\n  "version": 1,\n  "model": "m",\n  "layers": {\n    "a": "float",\n'
    + '    "b": {\n      "bits": 3,\n      "grid": "affine"\n    }\n  }\n}\n',
  );
});

test('nearest names are looked for as long as unknown ones may be misspelt: not in the plan of another model', () => {
  const named = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`conv1.weigh${i}`, { bits: 4 }]));
  const { problems } = parsePlan({ ...complete, layers: named }, layers);
  expect(problems.filter(({ code }) => code === 'no-such-layer')).toHaveLength(50);
  expect(problems.filter(({ detail }) => detail.suggestion === 'conv1.weight')).toHaveLength(20);
});

describe('resolvePlan', () => {
  test('puts entry over defaults over built-in defaults', () => {
    const named = { 'conv1.weight': { bits: 2 } };
    const { plan } = parsePlan({ ...complete, defaults: { bits: 6, support: 'hui' }, layers: named }, layers);
    expect(resolvePlan(plan!, layers)).toEqual([
      { layer: 0, settings: { method: 'uniform', bits: 2, granularity: 'channel', grid: 'mid-rise', normalize: 'none',
        support: 'hui', fit: 'data', rounding: 'nearest' } },
      { layer: 1, settings: { method: 'uniform', bits: 6, granularity: 'channel', grid: 'symmetric', normalize: 'none',
        support: 'hui', fit: 'data', rounding: 'nearest' } },
    ]);
  });

  test('leaves layers float that are named so, or not named in a plan without defaults', () => {
    expect(resolvePlan(parsePlan(complete, layers).plan!, layers).map(({ layer }) => layer)).toEqual([0]);
    const named = { version: 1 as const, model: 'm', layers: { 'fc.weight': { bits: 5 as const } } };
    expect(resolvePlan(named, layers).map(({ layer }) => layer)).toEqual([1]);
  });
});

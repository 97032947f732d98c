import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BIT_WIDTHS, LARGEST_LIMIT, METHODS, scopeOf } from '../../../../src/core/plan/layerSettings';
import { parsePlan } from '../../../../src/core/plan/planJson';
import { SETTING_VALUES } from '../../../../src/core/plan/readSettings';

interface SettingSchema {
  enum?: unknown[];
  anyOf?: [{ enum: unknown[] }, object];
}

/** `if` a method and bits are among these, `then` other settings are among those; false: the setting is not allowed. */
interface Rule {
  if: { required: string[]; properties: Record<string, { enum: unknown[] }> };
  then: { properties: Record<string, { enum: unknown[] } | false> };
}

interface PlanSchema {
  properties: Record<string, unknown>;
  definitions: { settings: { additionalProperties: boolean; properties: Record<string, SettingSchema>; allOf: Rule[] } };
}

const schema = JSON.parse(readFileSync(join(__dirname, '../../../../media/quant-plan.schema.json'), 'utf8')) as PlanSchema;

test('the contributed schema and the parser know the same settings and ids, in the same order', () => {
  const inSchema = Object.entries(schema.definitions.settings.properties).map(([name, property]) => [name, property.enum ?? property.anyOf?.[0].enum]);
  expect(inSchema).toEqual(Object.entries(SETTING_VALUES));
  expect(schema.definitions.settings.additionalProperties).toBe(false);
});

test('the contributed schema takes a number as support alone, as the parser does', () => {
  const numbered = Object.entries(schema.definitions.settings.properties).filter(([, property]) => property.anyOf);
  expect(numbered.map(([name, property]) => [name, property.anyOf?.[1]]))
    .toEqual([['support', { type: 'number', exclusiveMinimum: 0, maximum: LARGEST_LIMIT }]]);
});

/** Everything of this name in the schema, however deep. */
function found(name: string, within: unknown): unknown[] {
  if (typeof within !== 'object' || within === null) return [];
  return Object.entries(within).flatMap(([key, value]: [string, unknown]) => [
    ...(key === name ? [value] : []), ...found(name, value),
  ]);
}

test('the contributed schema describes every choice that completion offers', () => {
  const offered = Object.values(schema.definitions.settings.properties).map((property) => property.anyOf?.[0] ?? property);
  type Described = { enum: unknown[]; enumDescriptions: string[] };
  const described = offered.filter((property) => 'enumDescriptions' in property) as Described[];
  expect(described.length).toBeGreaterThanOrEqual(6);
  for (const { enum: values, enumDescriptions } of described) expect(enumDescriptions).toHaveLength(values.length);
});

test('what the contributed snippets write is a plan, or an entry of one', () => {
  // `${1|a,b|}` and `${1:a}` stand for a, and a leading ^ for a value without quotes.
  const chosen = (body: unknown): unknown => JSON.parse(JSON.stringify(body)
    .replace(/\$\{\d+[|:]([^,|}]+)[^}]*\}/g, '$1').replace(/"\^([^"]*)"/g, '$1'));
  const snippets = found('defaultSnippets', schema) as { label: string; body: unknown }[][];
  expect(snippets.flat().map(({ label }) => label)).toEqual(['new plan', '4 bits', 'method and bits', 'keep in float']);
  for (const { label, body } of snippets.flat()) {
    const plan = label === 'new plan' ? chosen(body) : { version: 1, model: 'm.onnx', defaults: chosen(body) };
    expect(parsePlan(plan, []).problems).toEqual([]);
  }
});

test('the contributed schema describes the keys of a plan', () => {
  expect(Object.keys(schema.properties)).toEqual([
    'version', 'model', 'defaults', 'calibration', 'biasCorrection', 'equalization', 'layers',
  ]);
});

test.each(METHODS)('the contributed schema allows %s the settings that go with it, as the parser does', (method) => {
  const { allOf } = schema.definitions.settings;
  for (const bits of BIT_WIDTHS) {
    const rules = allOf.filter((rule) => Object.entries(rule.if.properties).every(([name, { enum: among }]) => (
      among.includes(name === 'method' ? method : bits))));
    const allowed = (name: 'bits' | 'granularity' | 'mode' | 'rounding') => rules.map(({ then }) => then.properties[name])
      .filter((values) => values !== undefined)
      .reduce<readonly unknown[]>((left, values) => left.filter((value) => values && values.enum.includes(value)), SETTING_VALUES[name]);
    const scope = scopeOf(method, bits);
    expect({
      bits: allowed('bits'), granularities: allowed('granularity'), modes: [...allowed('mode')].sort(), roundings: allowed('rounding'),
    }).toEqual({ ...scope, modes: [...scope.modes].sort() });
  }
  for (const { if: condition } of allOf) expect(condition.required).toEqual(Object.keys(condition.properties));
});

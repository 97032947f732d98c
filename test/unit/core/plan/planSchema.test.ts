import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SETTING_VALUES } from '../../../../src/core/plan/readSettings';

interface PlanSchema {
  properties: Record<string, unknown>;
  definitions: { settings: { additionalProperties: boolean; properties: Record<string, { enum: unknown[] }> } };
}

const schema = JSON.parse(readFileSync(join(__dirname, '../../../../media/quant-plan.schema.json'), 'utf8')) as PlanSchema;

test('the contributed schema and the parser know the same settings and ids, in the same order', () => {
  const inSchema = Object.entries(schema.definitions.settings.properties).map(([name, property]) => [name, property.enum]);
  expect(inSchema).toEqual(Object.entries(SETTING_VALUES));
  expect(schema.definitions.settings.additionalProperties).toBe(false);
});

test('the contributed schema describes the keys of a plan', () => {
  expect(Object.keys(schema.properties)).toEqual(['version', 'model', 'defaults', 'layers']);
});

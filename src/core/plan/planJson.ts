import type { Place, Problem } from '../errors';
import { layerKey, type Layer } from '../onnx/layer';
import type { PartialSettings } from './layerSettings';
import { nearestName } from './nearestName';
import { entryPath, planConflicts } from './planConflicts';
import { noFaults, type PlanFaults } from './planFaults';
import { CALIBRATION_KEYS, readCalibration } from './readCalibration';
import type { PlanEntry, QuantizationPlan } from './plan';
import { isSettingName, readSetting, SETTING_NAMES } from './readSettings';
import { isQuoted, valueText } from './valueText';

const PLAN_KEYS = ['version', 'model', 'defaults', 'calibration', 'biasCorrection', 'equalization', 'layers'];
/** With more unknown layers the plan is another model's: no nearest names are looked for, which takes milliseconds each. */
const SUGGESTIONS = 20;

export interface ParsedPlan {
  /**
   * What could be understood; null when there is no plan in it at all. Entries of unknown layers are kept. An entry that
   * cannot be used leaves its layer float: half of it could mean anything.
   */
  plan: QuantizationPlan | null;
  /** The gravest first. */
  problems: Problem[];
  /** Which layers are float for that reason. */
  faults: PlanFaults;
}

/**
 * Reads a plan from JSON text or from a parsed value. Nothing is ignored: what cannot be used is reported with its JSON
 * path (`plan-invalid`, `setting-invalid`, `no-such-layer`, `not-quantizable`) and, where a name is close, a suggestion;
 * settings that do not go together, too.
 */
export function parsePlan(json: unknown, layers: readonly Layer[]): ParsedPlan {
  const parsed = typeof json === 'string' ? parseJson(json) : { value: json };
  const faults = noFaults();
  if ('problem' in parsed) return { plan: null, problems: [parsed.problem], faults };
  const document = parsed.value;
  if (!isObject(document)) return { plan: null, problems: [planProblem('', 'not-an-object')], faults };

  const problems = unknownKeys(document, PLAN_KEYS, '');
  if (document.version !== 1) {
    problems.push(planProblem('version', 'version', document.version === undefined ? {} : { value: textOf(document.version) }));
    return { plan: null, problems, faults };
  }
  const model = typeof document.model === 'string' ? document.model : '';
  if (model === '') problems.push(planProblem('model', 'model-name'));
  const plan: QuantizationPlan = { version: 1, model, layers: {} };
  if (document.defaults !== undefined) {
    const { entry, faulty } = readEntry(document.defaults, 'defaults');
    if (faulty.length === 0) plan.defaults = entry;
    else faults.defaults = faulty[0];
    problems.push(...faulty);
  }
  problems.push(...readTuning(document, plan));
  plan.layers = readLayers(document.layers ?? {}, layers, problems, faults);
  problems.push(...planConflicts(plan));
  return { plan, problems: problems.sort((a, b) => rank(a) - rank(b)), faults };
}

/** What the plan says of the whole copy; what cannot be used is left out. */
function readTuning({ calibration, ...document }: Record<string, unknown>, plan: QuantizationPlan): Problem[] {
  const problems: Problem[] = [];
  for (const key of ['biasCorrection', 'equalization'] as const) {
    const value = document[key];
    if (typeof value === 'boolean') plan[key] = value;
    else if (value !== undefined) {
      const isBoolean = (bare: unknown): boolean => typeof bare === 'boolean';
      const detail = {
        setting: key, value: valueText(value), expected: 'true, false', ...(isQuoted(value, isBoolean) && { reason: 'quoted' }),
      };
      problems.push({ code: 'setting-invalid', place: { path: key }, detail });
    }
  }
  if (calibration === undefined) return problems;
  if (!isObject(calibration)) return [...problems, planProblem('calibration', 'not-an-object')];
  problems.push(...unknownKeys(calibration, CALIBRATION_KEYS, 'calibration.'));
  const read = readCalibration(calibration);
  if ('problems' in read) return [...problems, ...read.problems];
  plan.calibration = read.calibration;
  return problems;
}

/** Misspelt names first, then what else cannot be used, then what does not fit the model; a missing name comes last. */
function rank({ code, detail }: Problem): number {
  if (detail.reason === 'unknown-key') return 0;
  if (code === 'no-such-layer') return detail.suggestion === undefined ? 2 : 0;
  if (code === 'not-quantizable') return 3;
  return detail.reason === 'model-name' ? 4 : 1;
}

/** The plan as it is written to disk: keys sorted, settings in a fixed order, so that equal plans are equal files. */
export function stringifyPlan(plan: QuantizationPlan): string {
  const { version, model, defaults, calibration, biasCorrection, equalization } = plan;
  const layers = Object.fromEntries(
    Object.entries(plan.layers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, ordered(entry)]),
  );
  const document = {
    version, model, ...(defaults === undefined ? {} : { defaults: ordered(defaults) }),
    calibration, biasCorrection, equalization, layers,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function ordered(entry: PlanEntry): PlanEntry {
  if (entry === 'float') return entry;
  return Object.fromEntries(SETTING_NAMES.filter((name) => entry[name] !== undefined).map((name) => [name, entry[name]]));
}

function readLayers(
  value: unknown, layers: readonly Layer[], problems: Problem[], faults: PlanFaults,
): Record<string, PlanEntry> {
  if (!isObject(value)) {
    problems.push(planProblem('layers', 'not-an-object'));
    return {};
  }
  const known = new Map(layers.map((layer) => [layerKey(layer), layer]));
  const entries: [string, PlanEntry][] = [];
  let unknown = 0;
  for (const [key, entryValue] of Object.entries(value)) {
    const path = entryPath(key);
    const layer = known.get(key);
    if (layer === undefined) problems.push(unknownLayer(key, unknown++ < SUGGESTIONS ? known.keys() : [], { path }));
    const { entry, faulty } = readEntry(entryValue, path);
    problems.push(...faulty);
    const fault = faulty[0] ?? (entry !== 'float' && entry.bits === undefined ? faults.defaults : undefined);
    if (fault) faults.layers.set(key, fault);
    if (entry !== 'float' && layer !== undefined && layer.quantizable !== true) {
      problems.push({ code: 'not-quantizable', place: { path, tensor: key }, detail: { reason: layer.quantizable.reason } });
    }
    entries.push([key, fault ? 'float' : entry]);
  }
  return Object.fromEntries(entries);
}

function readEntry(value: unknown, path: string): { entry: PlanEntry; faulty: Problem[] } {
  if (value === 'float') return { entry: 'float', faulty: [] };
  if (!isObject(value)) return { entry: 'float', faulty: [planProblem(path, 'not-an-entry', { value: textOf(value) })] };
  const faulty = unknownKeys(value, SETTING_NAMES, `${path}.`);
  const settings: PartialSettings = {};
  for (const [name, setting] of Object.entries(value)) {
    if (!isSettingName(name)) continue;
    const problem = readSetting(settings, name, setting, { path: `${path}.${name}` });
    if (problem) faulty.push(problem);
  }
  return { entry: settings, faulty };
}

/** The problem of a layer name that the model does not have, with the one it has in a subgraph or function, or the nearest. */
export function unknownLayer(name: string, known: Iterable<string>, place: Place = {}): Problem {
  const keys = [...known];
  const suggestion = keys.find((key) => key.endsWith(`::${name}`)) ?? nearestName(name, keys);
  return { code: 'no-such-layer', place, detail: { name, ...(suggestion === undefined ? {} : { suggestion }) } };
}

function unknownKeys(object: Record<string, unknown>, known: readonly string[], prefix: string): Problem[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const suggestion = nearestName(key, known);
      const detail = { key, expected: known.join(', '), ...(suggestion === undefined ? {} : { suggestion }) };
      return planProblem(`${prefix}${key}`, 'unknown-key', detail);
    });
}

/** Why a plan file is not one; the text for each is in `src/protocol/problemText.ts`. */
export type PlanFault = 'not-json' | 'not-an-object' | 'version' | 'model-name' | 'not-an-entry' | 'unknown-key';

function planProblem(path: string, reason: PlanFault, detail: Problem['detail'] = {}): Problem {
  return { code: 'plan-invalid', place: path === '' ? {} : { path }, detail: { reason, ...detail } };
}

function parseJson(text: string): { value: unknown } | { problem: Problem } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const message = error instanceof Error ? withLine(error.message, text) : String(error);
    return { problem: planProblem('', 'not-json', { message }) };
  }
}

/** Engines say how many characters come before a fault, and only some its line. */
function withLine(message: string, text: string): string {
  return message.replace(/ in JSON at position (\d+).*$/, (_, position: string) => {
    const lines = text.slice(0, Number(position)).split('\n');
    return `, line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

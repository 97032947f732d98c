import * as v from 'valibot';
import { PLAN_FIELDS, type Change, type PlanEdit } from '../core/plan/edits';
import {
  BIT_WIDTHS, FITS, GRANULARITIES, GRIDS, isSupportLimit, METHODS, MODES, NORMALIZATIONS, ROUNDINGS, SUPPORT_REGIONS,
} from '../core/plan/layerSettings';
import { LAYOUTS, type QuantizationPlan } from '../core/plan/plan';
import { parsePlan } from '../core/plan/planJson';

export interface PlanBackup {
  plan: QuantizationPlan;
  edits: PlanEdit[];
}

const partialSettings = v.object({
  method: v.exactOptional(v.picklist(METHODS)),
  bits: v.exactOptional(v.picklist(BIT_WIDTHS)),
  granularity: v.exactOptional(v.picklist(GRANULARITIES)),
  grid: v.exactOptional(v.picklist(GRIDS)),
  normalize: v.exactOptional(v.picklist(NORMALIZATIONS)),
  support: v.exactOptional(v.union([v.picklist(SUPPORT_REGIONS), v.custom<number>(isSupportLimit)])),
  fit: v.exactOptional(v.picklist(FITS)),
  mode: v.exactOptional(v.picklist(MODES)),
  rounding: v.exactOptional(v.picklist(ROUNDINGS)),
});
const entry = v.union([v.literal('float'), partialSettings]);
const calibration = v.object({
  inputs: v.string(),
  samples: v.exactOptional(v.number()),
  scale: v.exactOptional(v.number()),
  layout: v.exactOptional(v.picklist(LAYOUTS)),
});
/** JSON has no undefined: what an edit adds or removes is absent before or after it. */
const beforeAfter = { before: v.exactOptional(entry), after: v.exactOptional(entry) };
const flagChange = v.object({ before: v.exactOptional(v.boolean()), after: v.exactOptional(v.boolean()) });
const label = v.variant('kind', [
  v.object({ kind: v.literal('bits'), bits: v.picklist(BIT_WIDTHS) }),
  v.object({ kind: v.literal('float') }),
  v.object({ kind: v.literal('method'), method: v.picklist(METHODS) }),
  v.object({ kind: v.literal('rounding'), rounding: v.picklist(ROUNDINGS) }),
  v.object({ kind: v.literal('best') }),
  v.object({ kind: v.literal('allocation'), averageBits: v.number() }),
  v.object({ kind: v.literal('settings'), settings: partialSettings }),
  v.object({ kind: v.literal('defaults'), defaults: entry }),
  v.object({ kind: v.literal('calibration'), inputs: v.nullable(v.string()) }),
  v.object({ kind: v.literal('options') }),
]);
const backup = v.object({
  version: v.literal(1),
  plan: v.unknown(),
  edits: v.array(v.object({
    label,
    changes: v.array(v.object({ key: v.string(), ...beforeAfter })),
    defaults: v.exactOptional(v.object(beforeAfter)),
    calibration: v.exactOptional(v.object({ before: v.exactOptional(calibration), after: v.exactOptional(calibration) })),
    biasCorrection: v.exactOptional(flagChange),
    equalization: v.exactOptional(flagChange),
  })),
});

export function planBackup({ plan, edits }: PlanBackup): string {
  return JSON.stringify({ version: 1, plan, edits });
}

/** Null when the text is no backup of ours. */
export function readBackup(text: string): PlanBackup | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), backup), text);
  if (!parsed.success) return null;
  const { plan } = parsePlan(parsed.output.plan, []);
  return plan && { plan, edits: parsed.output.edits.map(toEdit) };
}

function toEdit({ label: kind, changes, ...fields }: v.InferOutput<typeof backup>['edits'][number]): PlanEdit {
  const changed = PLAN_FIELDS.flatMap((field) => (fields[field] ? [[field, bothSides<unknown>(fields[field])]] : []));
  return {
    label: kind,
    changes: changes.map(({ key, ...change }) => ({ key, ...bothSides(change) })),
    ...Object.fromEntries(changed) as Partial<PlanEdit>,
  };
}

function bothSides<T>({ before, after }: { before?: T; after?: T }): Change<T> {
  return { before, after };
}

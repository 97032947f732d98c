import type { AllocationTarget } from './allocation';

export const TARGET_KINDS = ['averageBits', 'maxBytes', 'minSqnrDb'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** Factors of sizes as `formatBytes` writes them. */
const FACTORS: ReadonlyMap<string, number> = new Map(
  [['', 1], ['b', 1], ['kb', 2 ** 10], ['mb', 2 ** 20], ['gb', 2 ** 30], ['tb', 2 ** 40]],
);

/** A target as people type it: `4.5`, `1.2 MB`, `20 %`, `20 dB`; null when it is none. */
export function parseTarget(kind: TargetKind, text: string): AllocationTarget | null {
  const [, number = '', unit = ''] = /^\s*(\d*[.,]?\d+(?:e\d+)?)\s*([a-z]*|%)\s*$/i.exec(text) ?? [];
  const value = Number(number.replace(',', '.'));
  if (!(value > 0) || !Number.isFinite(value)) return null;
  switch (kind) {
    case 'averageBits': return /^(bits?)?$/i.test(unit) ? { averageBits: value } : null;
    case 'minSqnrDb': return /^(db)?$/i.test(unit) ? { minSqnrDb: value } : null;
    case 'maxBytes': {
      if (unit === '%') return { maxShare: value / 100 };
      const factor = FACTORS.get(unit.toLowerCase());
      return factor === undefined || value * factor < 1 ? null : { maxBytes: Math.floor(value * factor) };
    }
  }
}

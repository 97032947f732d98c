import type { Outcome } from '../protocol/coreService';
import type { MeasuredReport, ReportedModel } from './collectReport';

interface Reported extends Pick<ReportedModel, 'planFeed'> {
  calibration: { contents: number };
}

/**
 * The report on an opened model that was collected last, kept while plan, calibration data and format of copies are what they were:
 * to measure takes long, and whoever exports a report often does so in several forms.
 */
export class KeptReport {
  #kept: { subject: string; report: MeasuredReport } | null = null;

  /** What was kept, or else what `collect` comes to. */
  async of(model: Reported, collect: () => Promise<Outcome<MeasuredReport>>): Promise<Outcome<MeasuredReport>> {
    const subject = subjectOf(model);
    if (this.#kept?.subject === subject) return { ok: true, value: this.#kept.report };
    this.#kept = null;
    const outcome = await collect();
    if (outcome.ok && subjectOf(model) === subject) this.#kept = { subject, report: outcome.value };
    return outcome;
  }
}

/** All that is measured but the model, in a text that differs when it does. */
function subjectOf({ planFeed: { planned, copyFormat, tuning }, calibration }: Reported): string {
  return JSON.stringify([planned, copyFormat, tuning, calibration.contents]);
}

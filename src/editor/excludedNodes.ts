import { nodesToExclude } from '../core/report/nodesToExclude';
import type { Outcome } from '../protocol/coreService';
import type { CoreClient } from '../workers/coreClient';
import type { CallOptions } from '../workers/pooledJob';
import type { ReportedModel } from './collectReport';
import { PRIORITY } from './priorities';

/** The nodes that a copy leaves in float, as the list that ONNX Runtime's quantization functions take. No error is measured. */
export async function excludedNodes(
  core: CoreClient, { location, summary, planFeed }: ReportedModel, { signal }: Pick<CallOptions, 'signal'>,
): Promise<Outcome<string>> {
  const { planned, copyFormat, tuning } = planFeed;
  const skipped = await core.skippedLayers(location, planned, copyFormat, tuning, { ...(signal && { signal }), priority: PRIORITY.asked });
  if (!skipped.ok) return skipped;
  const left = new Set(skipped.value.map(({ layer }) => layer));
  return { ok: true, value: nodesToExclude(summary.layers.map(({ index, consumers }) => ({ consumers, quantized: !left.has(index) }))) };
}

import * as v from 'valibot';
import type { Memento, Uri } from 'vscode';
import { LAYOUTS } from '../core/plan/plan';

const KEY = 'evaluations';
/** Models whose evaluations stay known. */
const MOST = 50;

/** A file, the labels of its samples, and how it is read, as in `EvaluationInputs`. */
const rememberedInputs = v.object({
  file: v.string(),
  labels: v.exactOptional(v.string()),
  scale: v.exactOptional(v.number()),
  layout: v.exactOptional(v.picklist(LAYOUTS)),
});

const remembered = v.array(v.object({ model: v.string(), inputs: rememberedInputs }));

export type RememberedInputs = v.InferOutput<typeof rememberedInputs>;

/** What the models of this workspace were last evaluated on, also by windows that are closed by now. */
export interface EvaluationMemory {
  recall(model: Uri): RememberedInputs | null;
  keep(model: Uri, inputs: RememberedInputs): void;
}

export function createEvaluationMemory(storage: Memento): EvaluationMemory {
  const all = (): v.InferOutput<typeof remembered> => {
    const { success, output } = v.safeParse(remembered, storage.get(KEY));
    return success ? output : [];
  };
  return {
    recall: (uri) => all().find(({ model }) => model === uri.toString())?.inputs ?? null,
    keep(uri, inputs) {
      const model = uri.toString();
      void storage.update(KEY, [{ model, inputs }, ...all().filter((other) => other.model !== model)].slice(0, MOST));
    },
  };
}

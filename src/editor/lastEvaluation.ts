import { basename } from 'node:path';
import type { EvaluationInputs } from '../protocol/evaluation';
import type { EvaluationState } from '../protocol/evaluationPage';

/** What a model was last evaluated on and what was found, told until it is dismissed, with whether it still holds. */
export class LastEvaluation {
  readonly #subject: () => string;
  readonly #onState: (state: EvaluationState | null) => void;
  #inputs: EvaluationInputs | null = null;
  #found: { text: string; subject: string } | null = null;
  #state: EvaluationState | null = null;

  /** @param subject what would be evaluated now, model and plan, in a text that differs when they do */
  constructor(subject: () => string, onState: (state: EvaluationState | null) => void) {
    this.#subject = subject;
    this.#onState = onState;
  }

  /** What the next one may run on without asking. */
  get inputs(): EvaluationInputs | null {
    return this.#inputs;
  }

  get state(): EvaluationState | null {
    return this.#state;
  }

  /** An evaluation begins: whoever calls the result is told what was found of the subject as it is now. */
  begin(inputs: EvaluationInputs): (text: string) => void {
    const subject = this.#subject();
    return (text) => {
      this.#inputs = inputs;
      this.#found = { text, subject };
      this.#state = null;
      this.update();
    };
  }

  /** Model or plan may have changed: an edit that is undone makes the evaluation hold again. */
  update(): void {
    if (!this.#inputs || !this.#found) return;
    const isCurrent = this.#found.subject === this.#subject();
    if (this.#state?.isCurrent === isCurrent) return;
    this.#state = { file: basename(this.#inputs.file ?? ''), text: this.#found.text, isCurrent };
    this.#onState(this.#state);
  }

  dismiss(): void {
    this.#found = null;
    this.#state = null;
    this.#onState(null);
  }
}

import { basename } from 'node:path';
import type { Evaluation } from '../protocol/evaluation';
import type { EvaluationState } from '../protocol/evaluationPage';

/** What was last found of a model and on which file, told until it is dismissed, with whether it still holds. */
export class LastEvaluation {
  readonly #subject: () => string;
  readonly #onState: (state: EvaluationState | null) => void;
  #found: { file: string; evaluation: Evaluation; text: string; subject: string } | null = null;
  #state: EvaluationState | null = null;

  /** @param subject what would be evaluated now, model and plan, in a text that differs when they do */
  constructor(subject: () => string, onState: (state: EvaluationState | null) => void) {
    this.#subject = subject;
    this.#onState = onState;
  }

  get state(): EvaluationState | null {
    return this.#state;
  }

  /** In full. */
  get found(): Evaluation | null {
    return this.#found?.evaluation ?? null;
  }

  /** An evaluation begins: whoever calls the result is told what was found of the subject as it is now. */
  begin(file: string): (evaluation: Evaluation, text: string) => void {
    const subject = this.#subject();
    return (evaluation, text) => {
      this.#found = { file: basename(file), evaluation, text, subject };
      this.#state = null;
      this.update();
    };
  }

  /** Model or plan may have changed: an edit that is undone makes the evaluation hold again. */
  update(): void {
    if (!this.#found) return;
    const { file, text, subject } = this.#found;
    const isCurrent = subject === this.#subject();
    if (this.#state?.isCurrent === isCurrent) return;
    this.#state = { file, text, isCurrent };
    this.#onState(this.#state);
  }

  dismiss(): void {
    this.#found = null;
    this.#state = null;
    this.#onState(null);
  }
}

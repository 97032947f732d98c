/** The host answers within milliseconds, unless it is gone or something holds it up. */
const ANSWER_WITHIN_MS = 5000;

/** Whether the host hears what the page tells it. */
export interface Lifeline {
  /** The page has told the host something. */
  told(): void;
  /** The host has said something. */
  heard(): void;
}

/**
 * Notices that what the page tells the host comes to nothing: when the process of extensions ends, VS Code leaves their
 * pages as they stand and says nothing. One question is asked at a time, and only while a person does something.
 */
export function createLifeline(ask: () => void, onChange: (isAlive: boolean) => void): Lifeline {
  let waiting: number | null = null;
  return {
    told() {
      if (waiting !== null) return;
      waiting = setTimeout(() => onChange(false), ANSWER_WITHIN_MS);
      ask();
    },
    heard() {
      if (waiting === null) return;
      clearTimeout(waiting);
      waiting = null;
      onChange(true);
    },
  };
}

import type { ComparePageMessage } from '../src/protocol/comparePage';
import type { PageMessage } from '../src/protocol/page';
import { createLifeline } from './lifeline';
import { createSilenceNote } from './silenceNote';

/** It is given out once. */
export const vscode = acquireVsCodeApi();

const PING = { type: 'ping' } satisfies PageMessage & ComparePageMessage;

/** The extension host, as a page has it. */
export interface Host<Message> {
  /** Stands above the page while nobody hears what is done in it. */
  silence: HTMLElement;
  post(message: Message): void;
  /** The host has said something. */
  heard(): void;
}

/** `remedy`: what to do while the host does not answer. */
export function createHost<Message extends PageMessage | ComparePageMessage>(remedy: string): Host<Message> {
  const silence = createSilenceNote(remedy);
  const lifeline = createLifeline(() => vscode.postMessage(PING), silence.render);
  return {
    silence: silence.element,
    post(message) {
      vscode.postMessage(message);
      lifeline.told();
    },
    heard: lifeline.heard,
  };
}

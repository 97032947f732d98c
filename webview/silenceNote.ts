import * as l10n from '@vscode/l10n';
import { element } from './dom';

export interface SilenceNote {
  element: HTMLElement;
  render(isAlive: boolean): void;
}

/** Stands above the page while nobody hears what is done in it, and says what to do then. */
export function createSilenceNote(remedy: string): SilenceNote {
  const note = element('div', 'silence-note');
  note.setAttribute('role', 'alert');
  note.hidden = true;
  return {
    element: note,
    render(isAlive) {
      note.hidden = isAlive;
      note.textContent = isAlive ? '' : `${l10n.t('Quantscope does not answer: the process of extensions has ended, or is held up.')} ${remedy}`;
    },
  };
}

import * as l10n from '@vscode/l10n';
import type { Header, PageMessage } from '../src/protocol/page';
import { element, setText } from './dom';
import { formatCount } from './numbers';
import type { PageState } from './state';
import { link } from './toolkit';

/** A model may keep every tensor in a file of its own. */
const NAMES_SHOWN = 3;

export interface MissingLine {
  element: HTMLElement;
  render(state: Readonly<PageState>): void;
}

/** The files with external data that the model does not find, and what can be done about it. */
export function createMissingLine(post: (message: PageMessage) => void): MissingLine {
  const files = element('span', 'warning missing-files');
  files.setAttribute('role', 'status');
  const locate = link(() => post({ type: 'command', command: 'locateData', layers: [] }));
  setText(locate, l10n.t('Locate…'));
  locate.title = l10n.t('Choose the file, to have it copied to where the model looks for it');
  const line = element('div', 'missing-line', files, locate);
  let drawn: Header | null = null;
  line.hidden = true;

  return {
    element: line,
    render({ header }) {
      if (!header || header === drawn) return;
      drawn = header;
      line.hidden = header.missingFiles.length === 0;
      locate.hidden = !header.canLocate;
      setText(files, missingText(header.missingFiles));
      files.title = header.missingFiles.join('\n');
    },
  };
}

function missingText(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return more > 0
    ? l10n.t('External data not found: {0} and {1} more', shown, formatCount(more))
    : l10n.t('External data not found: {0}', shown);
}

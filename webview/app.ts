import * as l10n from '@vscode/l10n';
import { element } from './dom';
import { defineControls } from './toolkit';

/** The element that a page is drawn in, with texts in the page's language and controls at hand. Before all else. */
export function openApp(): HTMLElement {
  const bundle = document.getElementById('l10n')?.textContent?.trim();
  if (bundle && bundle !== 'null') l10n.config({ contents: bundle });
  const app = document.getElementById('app') ?? document.body.appendChild(element('div'));
  app.setAttribute('role', 'main');
  defineControls();
  return app;
}

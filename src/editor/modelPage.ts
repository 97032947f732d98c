import { randomBytes } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { commands, env, l10n as editorL10n, Uri, type Webview, type WebviewPanel } from 'vscode';
import type { CommandId } from '../commands/commandIds';
import { parsePageMessage, type HostMessage, type PageMessage } from '../protocol/page';
import type { Services } from '../services';
import { reportError } from '../reportError';
import type { ModelDocument } from './modelDocument';
import { pageHtml } from './pageHtml';
import type { PageView } from './pageView';

type PageCommand = Extract<PageMessage, { type: 'command' }>['command'];

const COMMANDS: Record<PageCommand, CommandId> = {
  writeQuantizedCopy: 'quantscope.writeQuantizedCopy',
  quantizeAll: 'quantscope.quantizeAll',
  quantizeLayer: 'quantscope.quantizeLayer',
  previewError: 'quantscope.previewError',
  showLog: 'quantscope.showLog',
  reload: 'quantscope.reloadFromDisk',
};

/** One editor of a model: its webview, and what a person looks at in it. */
export class ModelPage implements PageView {
  readonly document: ModelDocument;
  visible: readonly number[] = [];
  selected: readonly number[] = [];
  current: number | null = null;
  readonly #panel: WebviewPanel;
  readonly #services: Services;

  constructor(document: ModelDocument, panel: WebviewPanel, services: Services) {
    this.document = document;
    this.#panel = panel;
    this.#services = services;
    const root = Uri.joinPath(services.extensionUri, 'dist', 'webview');
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidChangeViewState(() => {
      services.editors.updateActive();
      if (!panel.visible) this.#sleep();
    });
    panel.onDidDispose(() => {
      this.#sleep();
      services.editors.removePage(this);
    });
    panel.webview.html = html(panel.webview, root);
    services.editors.addPage(this);
  }

  get isActive(): boolean {
    return this.#panel.active;
  }

  post(message: HostMessage): void {
    void this.#panel.webview.postMessage(message);
  }

  /** Gives the keyboard back to the grid: a menu or a list that closes leaves the focus to the editor at best. */
  focusGrid(): void {
    if (!this.#panel.active) return;
    this.#panel.reveal();
    this.post({ type: 'focusGrid' });
  }

  #receive(message: unknown): void {
    const parsed = parsePageMessage(message);
    if (parsed) this.#act(parsed);
    else this.#services.log.warn(`message from the page not understood: ${JSON.stringify(message)?.slice(0, 500)}`);
  }

  #act(message: PageMessage): void {
    const { editors, log } = this.#services;
    const { host } = this.document;
    switch (message.type) {
      case 'ready': return host.pageReady(this);
      case 'visible':
        this.visible = message.layers;
        return host.pageLooks(this);
      case 'select':
        this.selected = message.layers;
        this.current = message.current;
        return host.pageLooks(this);
      case 'setBits': return this.document.setBits(host.layers(message.layers), message.bits);
      case 'command':
        if (message.layers.length > 0) this.selected = message.layers;
        return void commands.executeCommand(COMMANDS[message.command]).then(undefined, (error) => reportError(log, error));
      case 'gridFocus': return editors.setGridFocus(this, message.focused);
      case 'pageError':
        return reportError(log, new Error(l10n.t('The page of {0} failed: {1}', this.document.uri.path, message.message)));
    }
  }

  /** A hidden page is gone, with all it showed; it says `ready` when it comes back. */
  #sleep(): void {
    this.visible = [];
    this.document.host.pageClosed(this);
    this.#services.editors.setGridFocus(this, false);
  }
}

function html(webview: Webview, root: Uri): string {
  return pageHtml({
    script: webview.asWebviewUri(Uri.joinPath(root, 'page.js')).toString(),
    stylesheet: webview.asWebviewUri(Uri.joinPath(root, 'page.css')).toString(),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64'),
    language: env.language,
    translations: editorL10n.bundle ?? {},
  });
}

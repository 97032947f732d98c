import * as l10n from '@vscode/l10n';
import { commands, env, type WebviewPanel } from 'vscode';
import type { CommandId } from '../commands/commandIds';
import type { Layer } from '../core/onnx/layer';
import type { BitWidth } from '../core/plan/layerSettings';
import { notifications } from '../notifications';
import { parsePageMessage, type ChosenSettings, type HostMessage, type PageMessage } from '../protocol/page';
import { problemLine } from '../protocol/problemText';
import type { Services } from '../services';
import { reportError } from '../reportError';
import type { AllocationSession } from './allocationSession';
import { confirmPageFocus, setPageFocus } from './lateFocus';
import type { ModelDocument } from './modelDocument';
import { FIRST_INSPECTED, type PageView } from './pageView';
import { isReadOnly, readOnlyText } from './planFile';
import { saveChart } from './saveChart';
import { setWidth } from './setWidth';
import { webviewHtml } from './webviewHtml';

type PageCommand = Extract<PageMessage, { type: 'command' }>['command'];

const COMMANDS: Record<PageCommand, CommandId> = {
  writeQuantizedCopy: 'quantscope.writeQuantizedCopy',
  quantizeAll: 'quantscope.quantizeAll',
  allocateBits: 'quantscope.allocateBits',
  quantizeLayer: 'quantscope.quantizeLayer',
  previewError: 'quantscope.previewError',
  setCalibrationData: 'quantscope.setCalibrationData',
  evaluateAgain: 'quantscope.evaluateAgain',
  locateData: 'quantscope.locateData',
  showLog: 'quantscope.showLog',
  reload: 'quantscope.reloadFromDisk',
};

/** One editor of a model: its webview, and what a person looks at in it. */
export class ModelPage implements PageView {
  readonly document: ModelDocument;
  visible: readonly number[] = [];
  selected: readonly number[] = [];
  current: number | null = null;
  inspected = FIRST_INSPECTED;
  /** What the panel of allocations shows, once it was opened. */
  allocation: AllocationSession | null = null;
  /** False once the panel is disposed: it throws at whoever asks it for anything then. */
  #isOpen = true;
  readonly #panel: WebviewPanel;
  readonly #services: Services;

  constructor(document: ModelDocument, panel: WebviewPanel, services: Services) {
    this.document = document;
    this.#panel = panel;
    this.#services = services;
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidChangeViewState(() => {
      services.editors.updateActive();
      if (!panel.visible) this.#sleep();
    });
    panel.onDidDispose(() => {
      this.#isOpen = false;
      this.allocation?.close();
      this.#sleep();
      services.editors.removePage(this);
    });
    panel.webview.html = webviewHtml(panel.webview, services.extensionUri, 'page');
    services.editors.addPage(this);
  }

  get isActive(): boolean {
    return this.#isOpen && this.#panel.active;
  }

  post(message: HostMessage): void {
    if (this.#isOpen) void this.#panel.webview.postMessage(message);
  }

  /** Selects layers and shows the first of them, the focus staying where it is. */
  select(layers: readonly number[]): void {
    const [current] = layers;
    if (current !== undefined) this.post({ type: 'select', layers: [...layers], current });
  }

  askForFocus(): void {
    this.post({ type: 'askForFocus' });
  }

  /** Gives the keyboard back to the page, where a list or a notification had it. */
  focus(): void {
    if (this.isActive) this.#panel.reveal();
  }

  /** Gives the keyboard back to the grid: a menu or a list that closes leaves the focus to the editor at best. */
  focusGrid(): void {
    if (!this.isActive) return;
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
      case 'ready':
        this.#postLayout();
        host.pageReady(this);
        return this.#report(this.allocation?.show());
      case 'ping': return this.post({ type: 'pong' });
      case 'tableLayout': return this.#services.layouts.keep(message.layout);
      case 'visible':
        this.visible = message.layers;
        return host.pageLooks(this);
      case 'select':
        this.selected = message.layers;
        this.current = message.current;
        editors.announceSelection(this);
        return host.pageLooks(this);
      case 'inspect':
        this.inspected = { tab: message.tab, perTensor: message.perTensor };
        return host.pageLooks(this);
      case 'setSettings': return this.#edit(() => this.#choose(host.layers(message.layers), message.settings));
      case 'setBits': return this.#edit(() => this.#setBits(host.layers(message.layers), message.bits));
      case 'command':
        if (message.layers.length > 0) this.selected = message.layers;
        return void commands.executeCommand(COMMANDS[message.command]).then(undefined, (error) => reportError(log, error));
      case 'allocation': return this.#report(this.allocation?.act(message.action));
      case 'calibration':
        return message.action === 'cancel' ? host.model?.calibration.cancel() : host.model?.calibration.restart();
      case 'saveChart': return this.#report(saveChart(this.#services, this.document, message.name, message.file));
      case 'copyText': return this.#report(Promise.resolve(env.clipboard.writeText(message.text)));
      case 'dismissDrift': return host.model?.statistics.dismissDrift();
      case 'dismissEvaluation': return host.evaluation.dismiss();
      case 'pageFocus': return setPageFocus(this, message.focused);
      case 'hasFocus': return confirmPageFocus();
      case 'gridFocus': return editors.setGridFocus(this, message.focused);
      case 'pageError':
        return reportError(log, new Error(l10n.t('The page of {0} failed: {1}', this.document.uri.path, message.message)));
    }
  }

  /** A table whose tab remembers no layout takes the one that was used last. */
  #postLayout(): void {
    const layout = this.#services.layouts.recall();
    if (layout) this.post({ type: 'tableLayout', layout });
  }

  #report(work: Promise<void> | undefined): void {
    work?.catch((error: unknown) => reportError(this.#services.log, error));
  }

  #edit(change: () => void): void {
    if (isReadOnly(this.document.uri)) void notifications.showInformationMessage(readOnlyText());
    else change();
  }

  #setBits(layers: readonly Layer[], bits: BitWidth | 'float'): void {
    if (bits === 'float') this.document.keepFloat(layers);
    else setWidth(this.document, layers, bits);
  }

  #choose(layers: readonly Layer[], settings: ChosenSettings): void {
    const refused = this.document.chooseSettings(layers, settings);
    if (refused) void notifications.showWarningMessage(problemLine(refused));
  }

  /** A hidden page is gone, with all it showed; it says `ready` when it comes back. */
  #sleep(): void {
    this.visible = [];
    this.document.host.pageClosed(this);
    setPageFocus(this, false);
    this.#services.editors.setGridFocus(this, false);
  }
}

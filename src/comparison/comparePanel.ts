import { basename, dirname } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { Disposable, Uri, ViewColumn, window, workspace, type WebviewPanel, type WebviewPanelSerializer } from 'vscode';
import * as v from 'valibot';
import type { ModelComparison } from '../core/compare/compareModels';
import { locateModel } from '../editor/locateModel';
import { planUri } from '../editor/planFile';
import { settings } from '../editor/settings';
import { watchModel } from '../editor/watchModel';
import { webviewHtml } from '../editor/webviewHtml';
import { parseComparePageMessage, type ComparePageMessage, type CompareSide } from '../protocol/comparePage';
import { reportError } from '../reportError';
import type { Services } from '../services';
import { Comparison, type ComparedFile } from './comparison';
import { openLayer } from './openLayer';

const COMPARE_VIEW = 'quantscope.compare';
const SIDES = ['a', 'b'] as const;

/** What a panel remembers over a reload of the window; the page keeps it with what else it remembers. */
const remembered = v.object({
  a: v.string(), b: v.string(), tolerance: v.fallback(v.pipe(v.number(), v.finite(), v.minValue(0)), 0),
});

/** Opens an editor that compares two models. */
export function openComparison(services: Services, a: Uri, b: Uri): void {
  const panel = window.createWebviewPanel(COMPARE_VIEW, '', ViewColumn.Active);
  showComparison(services, panel, { a, b, tolerance: 0 });
}

/** Brings comparisons back when the window is reloaded; one that cannot be is closed and said so. */
export function registerComparisons(services: Services): Disposable {
  const serializer: WebviewPanelSerializer = {
    async deserializeWebviewPanel(panel, state: unknown) {
      const { success, output } = v.safeParse(remembered, state);
      if (success) return showComparison(services, panel, { ...output, a: Uri.parse(output.a), b: Uri.parse(output.b) });
      panel.dispose();
      services.log.warn('a comparison could not be brought back: the page had not said which models it compares');
    },
  };
  return window.registerWebviewPanelSerializer(COMPARE_VIEW, serializer);
}

function showComparison(
  services: Services, panel: WebviewPanel, { a, b, tolerance }: { a: Uri; b: Uri; tolerance: number },
): void {
  const { core, log, extensionUri } = services;
  const comparison = new Comparison({
    a: comparedFile(a), b: comparedFile(b), tolerance, core, log,
    post: (message) => void panel.webview.postMessage(message),
    onCompared: (models) => {
      for (const side of SIDES) watchers.get(comparison.file(side).uri)?.setExternalData(externalData(comparison, models, side));
    },
  });
  // A model may be compared with itself.
  const models = new Map([a, b].map((model) => [model.toString(), model]));
  const watchers = new Map([...models].map(([key, model]) => [key, watchModel({
    model,
    plan: planUri(model),
    onModelChange: () => void comparison.filesChanged(),
    onPlanChange: () => {},
  })]));
  panel.onDidDispose(() => {
    Disposable.from(...watchers.values()).dispose();
    comparison.dispose();
  });
  panel.webview.onDidReceiveMessage((message: unknown) => {
    const parsed = parseComparePageMessage(message);
    if (!parsed) return log.warn(`message from the comparison not understood: ${JSON.stringify(message)?.slice(0, 500)}`);
    act(services, comparison, parsed).catch((error: unknown) => reportError(log, error));
    if (parsed.type === 'command') panel.title = titleOf(comparison);
  });
  panel.title = titleOf(comparison);
  panel.iconPath = Uri.joinPath(extensionUri, 'media', 'icon.svg');
  panel.webview.html = webviewHtml(panel.webview, extensionUri, 'compare');
  void comparison.start();
}

async function act(services: Services, comparison: Comparison, message: ComparePageMessage): Promise<void> {
  const { log } = services;
  switch (message.type) {
    case 'ready': return comparison.pageReady();
    case 'ping': return comparison.answerPing();
    case 'tolerance': return comparison.setTolerance(message.tolerance);
    case 'open': return openLayer(services, uriOf(comparison, message.side), layerOf(comparison, message));
    case 'command':
      if (message.command === 'showLog') return log.show();
      return message.command === 'swap' ? comparison.swap() : comparison.start();
    case 'pageError':
      return reportError(log, new Error(l10n.t('The page of {0} failed: {1}', titleOf(comparison), message.message)));
  }
}

function externalData(comparison: Comparison, models: ModelComparison, side: CompareSide): Uri[] {
  return models[side].externalFiles.map((location) => Uri.joinPath(uriOf(comparison, side), '..', location));
}

function layerOf(comparison: Comparison, { row, side }: Extract<ComparePageMessage, { type: 'open' }>): number | null {
  return row === null ? null : comparison.layerOf(row, side);
}

function uriOf(comparison: Comparison, side: CompareSide): Uri {
  return Uri.parse(comparison.file(side).uri);
}

function titleOf(comparison: Comparison): string {
  return `${comparison.file('a').fileName} ↔ ${comparison.file('b').fileName}`;
}

function comparedFile(uri: Uri): ComparedFile {
  return {
    uri: uri.toString(),
    fileName: basename(uri.path),
    folder: dirname(workspace.asRelativePath(uri)),
    locate: () => locateModel(uri, settings.maxRemoteMegabytes()),
  };
}

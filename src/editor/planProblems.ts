import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { Layer } from '../core/onnx/layer';
import type { Log } from '../log';
import { notifications } from '../notifications';
import { problemLine } from '../protocol/problemText';
import type { ModelDocument } from './modelDocument';
import { planUri } from './planFile';
import { firstLines } from './firstLines';

/** A model that is written again and again while it trains does not repeat what was said of its plan. */
const reported = new WeakMap<ModelDocument, string>();

/** Says what a plan holds that cannot be used: the gravest in the message, all in the log. Its file stays as it is. */
export function reportPlanProblems(document: ModelDocument, layers: readonly Layer[], log: Log): void {
  const lines = document.plan.problems(layers).map(problemLine);
  const isNews = reported.get(document) !== lines.join('\n');
  reported.set(document, lines.join('\n'));
  if (lines.length === 0 || !isNews) return;
  const uri = planUri(document.uri);
  for (const line of lines) log.warn(`${uri.path}: ${line}`);
  const openPlan = l10n.t('Open Plan');
  const showLog = l10n.t('Show Log');
  const buttons = document.plan.hasFile ? [openPlan, showLog] : [showLog];
  void notifications.showWarningMessage(`${basename(uri.path)}: ${firstLines(lines)}`, ...buttons).then((choice) => {
    if (choice === openPlan) void window.showTextDocument(uri);
    if (choice === showLog) log.show();
  });
}

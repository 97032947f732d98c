import { basename } from 'node:path/posix';
import * as l10n from '@vscode/l10n';
import { commands, Uri } from 'vscode';
import { REPORT_FORMATS, type ReportFormat } from '../core/report';
import { collectReport } from '../editor/collectReport';
import { excludedNodes } from '../editor/excludedNodes';
import { askForTarget } from '../editor/fileDialogs';
import { folderFor } from '../editor/folderFor';
import { knownOf } from '../editor/knownReport';
import type { ModelDocument } from '../editor/modelDocument';
import { writeWhole } from '../editor/writeWhole';
import { notifications } from '../notifications';
import type { Outcome } from '../protocol/coreService';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { pickOne } from './pickOne';
import { progressNotification } from './progressNotification';
import { targetDocument } from './target';

interface FormatChoice {
  format: ReportFormat | 'nodes-to-exclude';
  label: string;
  detail: string;
  /** Ending of the proposed name, after the model's own. */
  suffix: string;
}

/** Asks for a form and a file, and writes what is known of the model under its plan. */
export async function exportReport(services: Services, argument: unknown): Promise<void> {
  const document = await targetDocument(services, argument);
  if (!document?.host.model) return;
  const choice = await pickOne({
    title: l10n.t('Export Report'),
    placeHolder: l10n.t('What to export'),
    items: formatChoices().map((value) => ({ label: value.label, detail: value.detail, value })),
  });
  if (!choice) return;
  const fileName = basename(document.uri.path);
  const extension = choice.suffix.slice(choice.suffix.lastIndexOf('.') + 1);
  const target = await askForTarget({
    title: l10n.t('Export Report'),
    defaultUri: Uri.joinPath(folderFor(document.uri), fileName + choice.suffix),
    filters: { [choice.label]: [extension] },
  });
  if (!target) return;
  const refused = document.targetProblem(target);
  if (refused) return reportProblem(services.log, refused);
  const content = await contentOf(services, document, fileName, choice.format);
  if (!content) return;
  if (!content.ok) return reportProblem(services.log, content.problem);
  await writeWhole(target, content.value);
  services.log.info(l10n.t('Exported {0}', target.fsPath));
  const open = l10n.t('Open');
  const answer = await notifications.showInformationMessage(l10n.t('Exported {0}', basename(target.path)), open);
  if (answer === open) await commands.executeCommand('vscode.open', target);
}

function contentOf(
  { core, version }: Services, document: ModelDocument, fileName: string, format: FormatChoice['format'],
): Promise<Outcome<string> | null> {
  return progressNotification(l10n.t('Collecting the report on {0}', fileName), async (options) => {
    const { model } = document.host;
    if (!model) return null;
    if (format === 'nodes-to-exclude') return excludedNodes(core, model, options);
    const known = knownOf(document, version);
    const measured = await model.report.of(model, () => collectReport(core, fileName, model, options));
    return measured.ok ? { ok: true, value: REPORT_FORMATS[format]({ ...known, ...measured.value }) } : measured;
  });
}

function formatChoices(): FormatChoice[] {
  return [
    { format: 'markdown', label: 'Markdown', detail: l10n.t('A table for a pull request or an issue'), suffix: '.report.md' },
    { format: 'html', label: 'HTML', detail: l10n.t('One page with histograms that needs nothing else'), suffix: '.report.html' },
    { format: 'csv', label: 'CSV', detail: l10n.t('The layer table for a spreadsheet'), suffix: '.report.csv' },
    { format: 'json', label: 'JSON', detail: l10n.t('Everything, for a script'), suffix: '.report.json' },
    {
      format: 'nodes-to-exclude', label: 'nodes_to_exclude', suffix: '.nodes-to-exclude.json',
      detail: l10n.t('The nodes left in float, for the quantization functions of ONNX Runtime'),
    },
    {
      format: 'node-data', label: 'Model Explorer', suffix: '.node-data.json',
      detail: l10n.t('SQNR by node, as node data to be shown on the graph'),
    },
  ];
}

import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { ImageLayout } from '../core/plan/plan';
import type { OpenedModel } from '../editor/modelHost';
import { PRIORITY } from '../editor/priorities';
import { PIXEL_SCALE, type InputOptions } from '../protocol/outputComparison';
import { reportProblem } from '../reportError';
import type { Services } from '../services';
import { pickOne, type PickItem } from './pickOne';
import { progressNotification } from './progressNotification';

/** In whose name and of which file it is asked, and what was answered before. */
interface Question {
  title: string;
  known: InputOptions;
}

/**
 * Asks how a file of inputs is to be read, where it leaves that open: how its images lie, and what becomes of its bytes. What the plan
 * says of the same file is offered first. Undefined when dismissed, and when the file does not fit the model, which people are told.
 */
export async function askForReading(
  { core, log }: Services, { location, planFeed: { tuning } }: OpenedModel, title: string, file: string,
): Promise<InputOptions | undefined> {
  const fit = await progressNotification(l10n.t('Reading {0}', basename(file)), (options) => (
    core.inputsFit(location, file, { ...options, priority: PRIORITY.asked })
  ));
  if (!fit.ok) {
    reportProblem(log, fit.problem);
    return undefined;
  }
  const { layouts, hasPixels } = fit.value;
  const known: InputOptions = tuning.calibration?.inputs === file ? tuning.calibration : {};
  // A placeholder has less room than a title.
  const question = { title: `${title}: ${basename(file)}`, known };
  const layout = layouts.length > 0 ? await askForLayout(question, layouts) : 'as-it-lies';
  if (layout === undefined) return undefined;
  const scale = hasPixels ? await askForScale(question) : known.scale ?? 'default';
  if (scale === undefined) return undefined;
  return { ...(scale !== 'default' && { scale }), ...(layout !== 'as-it-lies' && { layout }) };
}

function askForLayout({ title, known }: Question, layouts: readonly ImageLayout[]): Promise<ImageLayout | undefined> {
  const names: Record<ImageLayout, string> = { nchw: l10n.t('Channels first (NCHW)'), nhwc: l10n.t('Channels last (NHWC)') };
  return pickOne({
    title,
    placeHolder: l10n.t('How do the images lie? They are turned'),
    items: layouts.map((layout) => ({ label: names[layout], value: layout })),
    active: known.layout ?? layouts[0]!,
  });
}

/** Fractions are the default, which a plan need not name. */
function askForScale({ title, known: { scale = PIXEL_SCALE } }: Question): Promise<number | 'default' | undefined> {
  const items: PickItem<number | 'default'>[] = [
    { label: l10n.t('0 to 1 (divided by 255)'), value: 'default' },
    { label: l10n.t('0 to 255 (as stored)'), value: 1 },
  ];
  const now = scale === PIXEL_SCALE ? 'default' : scale;
  if (!items.some(({ value }) => value === now)) {
    items.unshift({ label: l10n.t('Multiplied by {0}', scale), description: l10n.t('in the plan'), value: now });
  }
  return pickOne({ title, placeHolder: l10n.t('In what range does the model take bytes?'), items, active: now });
}

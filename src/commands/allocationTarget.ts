import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { AllocationTarget, MeasuredError } from '../protocol/allocation';
import { parseTarget, TARGET_KINDS, type TargetKind } from '../protocol/allocationTarget';
import { formatBytes } from '../protocol/byteSize';
import { pickOne, type PickItem } from './pickOne';

interface TargetQuestion {
  label: string;
  detail: string;
  prompt: string;
  /** Proposed answer. */
  value: string;
  refusal: string;
}

/** Asks what to allocate by: on the curve, or a kind of target and its value. Undefined when dismissed. */
export async function askForAllocation(
  { bytes, withCurve }: { bytes: number; withCurve: boolean },
): Promise<AllocationTarget | 'curve' | undefined> {
  const questions = targetQuestions(bytes);
  const curve: PickItem<'curve'> = {
    label: l10n.t('On a Curve'), detail: l10n.t('Shows size against error, to choose a point there'), value: 'curve',
  };
  const kind = await pickOne<TargetKind | 'curve'>({
    title: l10n.t('Allocate Bits'),
    placeHolder: l10n.t('Gives each layer the bit width at which all layers together lose least'),
    items: [
      ...(withCurve ? [curve] : []),
      ...TARGET_KINDS.map((value) => ({ label: questions[value].label, detail: questions[value].detail, value })),
    ],
  });
  if (kind === undefined || kind === 'curve') return kind;
  const { label, prompt, value, refusal } = questions[kind];
  const text = await window.showInputBox({
    title: l10n.t('Allocate Bits: {0}', label), prompt, value,
    validateInput: (typed) => (parseTarget(kind, typed) ? null : refusal),
  });
  return text === undefined ? undefined : parseTarget(kind, text) ?? undefined;
}

/** Asks which errors decide, where there is calibration data. Undefined when dismissed. */
export function askForBasis(fileName: string): Promise<MeasuredError | undefined> {
  return pickOne<MeasuredError>({
    title: l10n.t('Allocate Bits'),
    placeHolder: l10n.t('Which errors are to be small?'),
    items: [
      {
        label: l10n.t('Errors of Outputs'), value: 'calibrated',
        detail: l10n.t('What quantization changes in each layer\'s outputs on {0}, all other layers in float', fileName),
      },
      { label: l10n.t('Errors of Weights'), detail: l10n.t('What quantization changes in each layer\'s weights'), value: 'sqnr' },
    ],
  });
}

function targetQuestions(bytes: number): Record<TargetKind, TargetQuestion> {
  return {
    averageBits: {
      label: l10n.t('By Average Bits'), detail: l10n.t('At most so many bits a weight, over all layers of the model'),
      prompt: l10n.t('Bits a weight, at most'), value: '4', refusal: l10n.t('A number above 0, such as 4.5'),
    },
    maxBytes: {
      label: l10n.t('By Size on Disk'), detail: l10n.t('A copy of at most so many bytes, or such a share of the model'),
      prompt: l10n.t('Size of the copy, at most; the model has {0}', formatBytes(bytes)), value: formatBytes(bytes / 4),
      refusal: l10n.t('A size such as 300 KB or 1.2 MB, or a share such as 25 %'),
    },
    minSqnrDb: {
      label: l10n.t('By Worst SQNR'), detail: l10n.t('The fewest bits at which every layer has so many decibels'),
      prompt: l10n.t('SQNR of each layer in dB, at least'), value: '20', refusal: l10n.t('A number above 0, such as 20'),
    },
  };
}

import * as l10n from '@vscode/l10n';
import type { AllocationTarget } from '../src/protocol/allocation';
import { parseTarget, TARGET_KINDS, type TargetKind } from '../src/protocol/allocationTarget';
import { element, keepKeys, setText } from './dom';
import { button, textField } from './toolkit';

export interface TargetField {
  element: HTMLElement;
  /** Says why there is no such choice; an empty text says nothing. */
  refuse(text: string): void;
  clear(): void;
}

/** Where a target is typed: what of, how much, and a button; Enter does as the button. */
export function createTargetField(onTarget: (target: AllocationTarget) => void): TargetField {
  const kind = element('select', 'bits-select', ...TARGET_KINDS.map((each) => new Option(kindName(each), each)));
  kind.setAttribute('aria-label', l10n.t('Kind of target'));
  const field = textField(l10n.t('Target'), exampleOf('averageBits'), () => refuse(''));
  const refusal = element('span', 'warning');
  refusal.setAttribute('role', 'alert');
  const chosenKind = (): TargetKind => TARGET_KINDS.find((each) => each === kind.value) ?? 'averageBits';
  const find = (): void => {
    const target = parseTarget(chosenKind(), field.value);
    refuse(target ? '' : l10n.t('Not understood: {0}', exampleOf(chosenKind())));
    if (target) onTarget(target);
  };
  const refuse = (text: string): void => {
    setText(refusal, text);
    if (text !== '') refusal.scrollIntoView({ block: 'nearest' });
  };
  kind.addEventListener('change', () => {
    field.placeholder = exampleOf(chosenKind());
    refuse('');
  });
  field.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') find();
  });
  keepKeys(kind);
  keepKeys(field);
  return {
    element: element('div', 'allocation-target', kind, field, button(l10n.t('Find'), 'secondary', find), refusal),
    refuse,
    clear() {
      field.value = '';
      refuse('');
    },
  };
}

function kindName(kind: TargetKind): string {
  switch (kind) {
    case 'averageBits': return l10n.t('Bits on average, at most');
    case 'maxBytes': return l10n.t('Size on disk, at most');
    case 'minSqnrDb': return l10n.t('SQNR of every layer, at least');
  }
}

function exampleOf(kind: TargetKind): string {
  switch (kind) {
    case 'averageBits': return l10n.t('such as {0}', '4.5');
    case 'maxBytes': return l10n.t('such as {0} or {1}', '300 KB', '25 %');
    case 'minSqnrDb': return l10n.t('such as {0}', '20 dB');
  }
}

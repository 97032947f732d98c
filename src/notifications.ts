import { window, type Progress } from 'vscode';
import { printable } from './protocol/plainText';

/**
 * Notifications that show text as it is. VS Code makes a link that runs a command of `[…](command:…)` in them, and names in
 * them come from files: whoever wrote the file would choose the command.
 */
export const notifications = {
  showErrorMessage: asText('showErrorMessage'),
  showWarningMessage: asText('showWarningMessage'),
  showInformationMessage: asText('showInformationMessage'),

  withProgress: ((options, task) => window.withProgress(
    { ...options, ...(options.title !== undefined && { title: withoutLinks(options.title) }) },
    (progress, token) => task(withoutLinksIn(progress), token),
  )) as typeof window.withProgress,
};

function asText<Name extends 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage'>(name: Name): typeof window[Name] {
  return ((message: string, ...rest: string[]) => window[name](withoutLinks(message), ...rest)) as typeof window[Name];
}

function withoutLinksIn<T extends { message?: string }>(progress: Progress<T>): Progress<T> {
  return {
    report: (value) => progress.report(value.message === undefined ? value : { ...value, message: withoutLinks(value.message) }),
  };
}

/** The same to the eye: what stands between bracket and parenthesis has no width. */
export function withoutLinks(text: string): string {
  return printable(text.replace(/\s+/g, ' ')).replaceAll('](', ']\u200B(');
}

import { window, type Disposable } from 'vscode';
import { printable } from './protocol/plainText';

/** What happened, for whoever wants to know more than notifications say. */
export interface Log extends Disposable {
  info(entry: string): void;
  warn(entry: string): void;
  error(entry: string | Error): void;
  /** Brings it on screen. */
  show(): void;
}

/** The extension's log. Further lines of an entry are indented, so that no name of a layer can pass for another entry. */
export function createLog(): Log {
  const channel = window.createOutputChannel('Quantscope', { log: true });
  const lines = (entry: string): string => entry.split(/\r?\n/).map(printable).join('\n    ');
  return {
    info: (entry) => channel.info(lines(entry)),
    warn: (entry) => channel.warn(lines(entry)),
    error: (entry) => channel.error(lines(entry instanceof Error ? entry.stack ?? entry.message : entry)),
    show: () => channel.show(),
    dispose: () => channel.dispose(),
  };
}

import { workspace } from 'vscode';
import { isCopyFormat, type CopyFormat } from '../core/encodings/copyFormat';

/** The user's settings, held to the bounds that `package.json` states. */
export const settings = {
  verifyCopies: (): boolean => workspace.getConfiguration('quantscope').get('verifyCopies') !== false,
  copyFormat: (): CopyFormat => {
    const format: unknown = workspace.getConfiguration('quantscope').get('copyFormat');
    return isCopyFormat(format) ? format : 'exact';
  },
  histogramBins: (): number => bounded('histogramBins', 32, 512, 128),
  maxRemoteMegabytes: (): number => bounded('maxRemoteMegabytes', 1, 2048, 256),
};

function bounded(name: string, min: number, max: number, byDefault: number): number {
  const value = workspace.getConfiguration('quantscope').get(name);
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(Math.min(max, Math.max(min, value))) : byDefault;
}

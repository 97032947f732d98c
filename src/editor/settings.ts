import { workspace } from 'vscode';

/** The user's settings, held to the bounds that `package.json` states. */
export const settings = {
  verifyCopies: (): boolean => workspace.getConfiguration('quantscope').get('verifyCopies') !== false,
  histogramBins: (): number => bounded('histogramBins', 32, 512, 128),
  maxRemoteMegabytes: (): number => bounded('maxRemoteMegabytes', 1, 2048, 256),
};

function bounded(name: string, min: number, max: number, byDefault: number): number {
  const value = workspace.getConfiguration('quantscope').get(name);
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(Math.min(max, Math.max(min, value))) : byDefault;
}

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE, productSizes, SIZE_BUDGETS } from '../../test/sizeBudgets';
import { number, table } from './text';

/** Builds what ships, which is what everything else is then measured on: its .vsix in `scratch`. */
export function buildPackage(scratch: string): string {
  const vsix = join(scratch, 'quantscope.vsix');
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'package', '--', '--out', vsix], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm run package: ${stderr}`);
  return vsix;
}

export function sizeTable(vsix: string): string {
  const sizes = productSizes('.', vsix);
  return `${table(['KB', 'Size', 'At most'], Object.entries(SIZE_BUDGETS).map(([name, budget]) => [
    name === PACKAGE ? name : `\`${name}\``, number(sizes[name]! / 1000), number(budget / 1000),
  ]))}\n\nThe .vsix with it: ${number(statSync(vsix).size / 1e6)} MB.`;
}

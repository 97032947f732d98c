/**
 * Feeds mutated models to everything that reads one. Usage: npm run fuzz [-- --seed S] [--count N] [--first K] [--folder F]
 * [--most-bytes B]: N cases of generated models from case K on, or of the real models in F of at most B bytes each. Prints
 * what they came to; the exit code is 1 when there is a defect, and `--seed S --first K --count 1` shows it again.
 */
import { parseArgs } from 'node:util';
import { bundle } from '../unit/workers/bundle';
import { sharedCampaign } from './watchedCampaign';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100000' }, first: { type: 'string', default: '0' },
      folder: { type: 'string' }, 'most-bytes': { type: 'string', default: '16000000' },
    },
  });
  const built = bundle(['test/fuzz/fuzzWorker.ts']);
  try {
    const { outcomes, defects, peakBytes } = await sharedCampaign(built.folder, {
      seed: wholeNumber(values.seed),
      range: [wholeNumber(values.first), wholeNumber(values.count)],
      real: values.folder === undefined ? null : { folder: values.folder, mostBytes: wholeNumber(values['most-bytes']) },
    });
    const { user, system } = process.cpuUsage();
    console.log(outcomes, `${Math.round(peakBytes / 1e6)} MB, ${Math.round((user + system) / 1e6)} s of CPU`);
    for (const { number, error } of defects) console.log(`--seed ${values.seed} --first ${number} --count 1\n${error}`);
    process.exitCode = defects.length > 0 ? 1 : 0;
  } finally {
    built.remove();
  }
}

void main();

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${text}" is not a whole number`);
  return Number(text);
}

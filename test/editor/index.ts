import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** Runs every suite of this folder; VS Code calls it inside the extension host. @throws Error when a test failed */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: 'bdd', color: true, timeout: 120_000 });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.suite.js')).sort()) {
    mocha.addFile(join(__dirname, file));
  }
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.once('end', () => writeResults(runner.stats));
  });
  if (failures > 0) {
    throw new Error(`${failures} editor tests failed.`);
  }
}

function writeResults(stats: Mocha.Stats | undefined): void {
  const file = process.env.QUANTSCOPE_RESULTS;
  if (file && stats) {
    writeFileSync(file, JSON.stringify({ passed: stats.passes, failed: stats.failures, skipped: stats.pending }));
  }
}

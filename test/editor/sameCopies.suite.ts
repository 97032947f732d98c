import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as vscode from 'vscode';
import { writeCopyTo } from '../../src/commands/writeQuantizedCopy';
import type { Services } from '../../src/services';
import { drawnModel, drawnPlan } from '../fixtures/drawnPlans';
import { writeModel } from '../fixtures/modelBuilder';
import { hearing } from './dialogs';
import { activate, closeEditors, openModel } from './support';

const cli = join(vscode.extensions.getExtension('quantscope.quantscope')!.extensionPath, 'dist/cli.js');
const RUNS = 8;

describe('the same plan', () => {
  let services: Services;
  let folder: string;

  before(async () => {
    services = await activate();
    folder = mkdtempSync(join(tmpdir(), 'quantscope-copies-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('makes the same bytes in the editor and on the command line', async () => {
    let run = 0;
    await fc.assert(fc.asyncProperty(drawnPlan, async (drawn) => {
      const [here, byEditor, byCli] = ['', 'editor', 'cli'].map((name) => join(folder, `${run}`, name));
      run++;
      for (const path of [byEditor!, byCli!]) mkdirSync(path, { recursive: true });
      const source = writeModel(here!, 'm.onnx', drawnModel(drawn));
      writeFileSync(`${source}.quant.json`, JSON.stringify(drawn.plan));
      const document = await openModel(services, source);
      await hearing(() => writeCopyTo(services, document, vscode.Uri.file(join(byEditor!, 'c.onnx'))));
      await closeEditors();
      const args = ['quantize', source, '--plan', `${source}.quant.json`, '-o', join(byCli!, 'c.onnx'), '--verify'];
      execFileSync('node', [cli, ...args], { stdio: 'pipe' });
      for (const name of ['c.onnx', 'c.onnx.data']) {
        const [one, other] = [byEditor!, byCli!].map((path) => join(path, name));
        assert.equal(existsSync(one!), existsSync(other!), name);
        if (existsSync(one!)) assert.ok(readFileSync(one!).equals(readFileSync(other!)), `${name} differs`);
      }
      assert.ok(existsSync(join(byEditor!, 'c.onnx')), 'no copy');
    }), { numRuns: RUNS, seed: 8 });
  });
});

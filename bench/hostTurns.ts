import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { setAll, setBits } from '../src/core/plan/edits';
import type { Services } from '../src/services';
import { activate, closeEditors, eventually, openModel } from '../test/editor/support';
import { buildModel, laplacian, writeModel } from '../test/fixtures/modelBuilder';
import { watchTurns } from './longestTurn';

/** The first runs code that is not compiled yet, and any may meet a garbage collection; what we do is in all of them. */
const ATTEMPTS = 3;
const LAYERS = 10_000;
/** Rows and columns of a weight: enough for its copy to be smaller. */
const SIDE = 32;
/** By then the plan, its size and the rows of all layers have gone through. */
const PREVIEWS = 300;

/** Prints the longest turns of the extension host's event loop; VS Code calls it there. */
export async function run(): Promise<void> {
  const services = await activate();
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-bench-'));
  try {
    const { extensionPath } = vscode.extensions.getExtension('quantscope.quantscope')!;
    const small = join(folder, 'lenet.onnx');
    copyFileSync(join(extensionPath, 'samples/lenet5_mnist.onnx'), small);
    await print(services, 'LeNet-5', small);
    await print(services, `${LAYERS} layers`, deepModel(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function print(services: Services, name: string, file: string): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const turns = await longestTurns(services, file);
    console.log(`${name}, attempt ${attempt}: ${turns.map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`).join(', ')}`);
  }
}

/** Opens the model, plans all its layers, then changes one: the longest turn of each. */
async function longestTurns(services: Services, file: string): Promise<[what: string, ms: number][]> {
  const opening = watchTurns();
  const document = await openModel(services, file);
  await eventually('rows on screen', () => services.editors.activePage?.visible.length);
  const opened = opening();

  const { summary, planFeed } = document.host.model!;
  const last = Math.min(summary.layers.length, PREVIEWS) - 1;
  const planning = watchTurns();
  document.edit(setAll(document.plan.plan, [], { bits: 4 }));
  await eventually('the previews', () => planFeed.previewOf(last));
  const planned = planning();

  const editing = watchTurns();
  document.edit(setBits(document.plan.plan, [summary.layers[0]!.name], 8));
  await eventually('the preview', () => planFeed.previewOf(0));
  const edited = editing();
  await closeEditors();
  return [['opening', opened], ['planning all layers', planned], ['changing one', edited]];
}

function deepModel(folder: string): string {
  const layers = Array.from({ length: LAYERS }, (_, index) => index);
  return writeModel(folder, 'deep.onnx', buildModel({
    inputs: [{ name: 'x0', dims: [1, SIDE] }],
    outputs: [{ name: `x${LAYERS}`, dims: [1, SIDE] }],
    initializers: layers.map((layer) => ({ name: `block.${layer}.weight`, dims: [SIDE, SIDE], data: laplacian(SIDE * SIDE, layer) })),
    nodes: layers.map((layer) => ({ op: 'MatMul', inputs: [`x${layer}`, `block.${layer}.weight`], outputs: [`x${layer + 1}`] })),
  }));
}

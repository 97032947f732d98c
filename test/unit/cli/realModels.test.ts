import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCli, type Finished } from './runCli';
import { INSPECT_DOCUMENT, REPORT_DOCUMENT, shapeDifferences } from './shapes';

const models = join(__dirname, '../../../../shared/models');

describe.skipIf(!existsSync(models))('the command line on real models', () => {
  const shell = useCli();

  const cli = (...args: string[]): Promise<Finished> => shell.run(args);

  test.each([
    'lenet5_mnist.onnx', 'lenet5_mnist_extdata.onnx', 'mnist_cntk.onnx', 'tiny_gpt2_beamsearch_fp16.onnx', 'gtcrn.onnx',
  ])('%s is inspected, previewed and quantized', async (name) => {
    const model = join(models, name);
    const inspected = await cli('inspect', model, '--json');
    expect(inspected).toMatchObject({ code: 0, stderr: '' });
    expect(shapeDifferences(JSON.parse(inspected.stdout), INSPECT_DOCUMENT)).toEqual([]);

    const quantized = await cli('quantize', model, '-o', 'out.onnx', '--bits', '4', '--verify', '--json');
    expect(quantized).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(quantized.stdout) as { layers: unknown[]; total: { bytesAfter: number }; verified: unknown };
    expect(shapeDifferences(report, REPORT_DOCUMENT)).toEqual([]);
    expect(report.layers).not.toEqual([]);
    expect(report.verified).toMatchObject({ maxAbsDifference: 0 });
    const written = readdirSync(shell.folder).map((file) => statSync(join(shell.folder, file)).size);
    expect(written.reduce((sum, bytes) => sum + bytes)).toBe(report.total.bytesAfter);

    const again = await cli('quantize', model, '-o', 'again.onnx', '--bits', '4', '--json');
    expect(again.code).toBe(0);
    expect(readFileSync(join(shell.folder, 'again.onnx')).equals(readFileSync(join(shell.folder, 'out.onnx')))).toBe(true);
  });

  test.each([
    ['lfs_pointer.onnx', /Git LFS pointer/],
    ['mnist_basic_ort.ort', /ORT format/],
    ['arbitrary_external_file.onnx', /outside its own folder/],
  ])('%s is refused in one line', async (name, line) => {
    const { code, stdout, stderr } = await cli('inspect', join(models, name));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test.each([
    ['ext_initializers_missing.onnx', 'External data not found: Pads.bin'],
    ['tract_xgb_classifier.onnx', 'No layers:'],
  ])('%s is inspected, and what is absent is said', async (name, line) => {
    const { code, stdout, stderr } = await cli('inspect', join(models, name));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(line);
  });

  test('silero_vad.onnx keeps its Fourier bases unless they are chosen', async () => {
    const model = join(models, 'silero_vad.onnx');
    const skipped = (finished: Finished): { name: string; reason: string }[] =>
      (JSON.parse(finished.stdout) as { skipped: { name: string; reason: string }[] }).skipped.filter(({ name }) => /basis/.test(name));
    const all = skipped(await cli('preview', model, '--bits', '8', '--granularity', 'tensor', '--json'));
    expect(all.map(({ reason }) => reason)).toEqual(['not-a-weight', 'not-a-weight']);
    expect(skipped(await cli('preview', model, '--layers', '*basis*', '--bits', '8', '--granularity', 'tensor', '--json'))).toEqual([]);
  });

  test.each(['qdq_multi_consumer.onnx', 'three_layer_nested_subgraph.onnx'])('%s has nothing to quantize', async (name) => {
    const preview = await cli('preview', join(models, name), '--json');
    expect(preview).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(preview.stdout)).toMatchObject({ layers: [], total: { sqnrDb: null }, output: null });
    const { code, stderr } = await cli('quantize', join(models, name), '-o', 'out.onnx');
    expect(code).toBe(2);
    expect(stderr).toMatch(/No layer of the model would be quantized/);
    expect(readdirSync(shell.folder)).toEqual([]);
  });
});

import path from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
// The snippets are no files on disk, so rules that need types are left out.
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

/** The rules that `code`, were it the content of `file`, would break. */
async function broken(file: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: path.join(root, file) });
  return result?.messages.map((message) => message.ruleId) ?? [];
}

describe('import boundaries', () => {
  it.each([
    ['src/core/onnx/snippet.ts', "export { join } from 'node:path';"],
    ['src/core/onnx/snippet.ts', "export * from 'valibot';"],
    ['src/core/onnx/snippet.ts', "export * from '../../platform/files';"],
    ['src/core/snippet.ts', "export type { Outcome } from '../protocol/coreService';"],
    ['src/core/snippet.ts', "export const load = () => import('node:fs');"],
    ['src/core/snippet.ts', "export type Uri = import('vscode').Uri;"],
    ['src/protocol/snippet.ts', "export { dataTypeName } from '../core/onnx/dataType';"],
    ['src/workers/snippet.ts', "export * from 'vscode';"],
    ['src/cli/snippet.ts', "export * from '../editor/provider';"],
    ['src/runtime/snippet.ts', "export type { Uri } from 'vscode';"],
    ['src/platform/snippet.ts', "export * from '../commands/quantizeLayer';"],
    ['src/editor/snippet.ts', "export * from '../commands/copyName';"],
    ['src/views/snippet.ts', "export * from '../commands/copyReport';"],
    ['webview/snippet.ts', "export * from '../src/core/errors';"],
    ['webview/snippet.ts', "export { type Layer } from '../src/core/onnx/layer';"],
    ['webview/snippet.ts', "export * from '../src/editor/provider';"],
    ['webview/snippet.ts', "export * from 'node:fs';"],
    ['webview/charts/snippet.ts', "export * from '@vscode/webview-ui-toolkit';"],
  ])('%s must not say %s', async (file, code) => {
    expect(await broken(file, code)).toContain('quantscope/import-boundaries');
  });

  it.each([
    ['src/core/onnx/snippet.ts', "export * from 'onnx-proto';"],
    ['src/core/onnx/snippet.ts', "export * from '../platform/anything';"],
    ['src/protocol/snippet.ts', "export type { Layer } from '../core/onnx/layer';"],
    ['src/cli/snippet.ts', "export * from '../core/errors'; export * from '../workers/workerPool'; export * from 'node:fs';"],
    ['src/editor/snippet.ts', "export * from 'vscode'; export * from '../core/errors'; export type { CommandId } from '../commands/commandIds';"],
    ['src/views/snippet.ts', "export type { CommandId } from '../commands/commandIds'; export * from '../editor/pieces';"],
    ['webview/snippet.ts', "export type { Layer } from '../src/core/onnx/layer'; export * from '../src/protocol/page';"],
    ['webview/toolkit.ts', "export * from '@vscode/webview-ui-toolkit';"],
  ])('%s may say %s', async (file, code) => {
    expect(await broken(file, code)).toEqual([]);
  });
});

describe('notifications', () => {
  const code = "import { window } from 'vscode'; void window.showErrorMessage('');";

  it('are shown by the module that knows how names become text', async () => {
    expect(await broken('src/editor/snippet.ts', code)).toEqual(['no-restricted-properties']);
    expect(await broken('src/notifications.ts', code)).toEqual([]);
  });
});

describe('style', () => {
  it('refuses any', async () => {
    expect(await broken('src/core/snippet.ts', 'export const value: any = 1;')).toEqual(['@typescript-eslint/no-explicit-any']);
  });

  it('refuses a file of more than 500 lines', async () => {
    expect(await broken('src/core/snippet.ts', 'export {};\n'.repeat(501))).toEqual(['max-lines']);
  });
});

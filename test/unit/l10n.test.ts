import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { expect, test } from 'vitest';

const root = join(__dirname, '../..');

test('the bundle of translatable strings is that of the code (run "npm run l10n" after changing texts)', async () => {
  const files = ['src', 'webview'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ extension: extname(name), contents: readFileSync(join(root, folder, name), 'utf8') })))
    // What has no strings takes the parser four fifths of its time.
    .filter(({ contents }) => contents.includes('l10n'));
  const inCode = await getL10nJson(files);
  const bundle: unknown = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.json'), 'utf8'));
  expect(bundle).toEqual(inCode);
});

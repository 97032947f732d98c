import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(__dirname, '../..');

test('the bundle of translatable strings is that of the code (run "npm run l10n" after changing texts)', () => {
  const files = ['src', 'webview'].flatMap((folder) => (
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(root, folder, name))
  ));
  const inCode = files.flatMap(textsIn);
  const bundle = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.json'), 'utf8')) as Record<string, string>;
  expect(bundle).toEqual(Object.fromEntries(inCode.map((text) => [text, text])));
});

/** Every first argument of `l10n.t`. Read by TypeScript's parser: that of the tool that writes the bundle takes half a minute. */
function textsIn(file: string): string[] {
  const texts: string[] = [];
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTranslate(node.expression)) {
      const [text] = node.arguments;
      if (!text || !ts.isStringLiteralLike(text)) throw new Error(`${file}: the text of ${node.getText(source)} is no literal`);
      texts.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function isTranslate(called: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(called) && called.name.text === 't' && ts.isIdentifier(called.expression) && called.expression.text === 'l10n';
}

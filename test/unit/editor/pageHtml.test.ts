import { expect, test } from 'vitest';
import { pageHtml } from '../../../src/editor/pageHtml';

const html = pageHtml({
  script: 'https://cdn/page.js', stylesheet: 'https://cdn/page.css', cspSource: 'https://cdn', nonce: 'N0NCE',
  language: 'de"><script>', translations: { Bits: '</script><script>alert(1)</script>' },
});

test('nothing is allowed but our own script, styles, fonts and pictures', () => {
  expect(/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]).toBe(
    "default-src 'none'; script-src 'nonce-N0NCE'; style-src https://cdn 'nonce-N0NCE'; "
    + 'font-src https://cdn; img-src https://cdn data: blob:',
  );
});

test('translations reach the page unchanged and cannot leave their element', () => {
  const json = /<script type="application\/json" id="l10n">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  expect(JSON.parse(json)).toEqual({ Bits: '</script><script>alert(1)</script>' });
  expect(html.match(/<script/g)).toHaveLength(2);
});

export interface PageAssets {
  script: string;
  stylesheet: string;
  /** The webview's own origin for styles and fonts (`webview.cspSource`). */
  cspSource: string;
  /** Unguessable, new for each page. */
  nonce: string;
  language: string;
  /** Translations of the page's strings; empty in English. */
  translations: Record<string, unknown>;
}

/** The page's document: nothing runs or loads but our own script, style sheet and fonts. */
export function pageHtml(assets: PageAssets): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${assets.nonce}'`,
    `style-src ${assets.cspSource} 'nonce-${assets.nonce}'`,
    `font-src ${assets.cspSource}`,
    `img-src ${assets.cspSource} data: blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(assets.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta property="csp-nonce" content="${assets.nonce}">
  <link rel="stylesheet" href="${escapeAttribute(assets.stylesheet)}">
  <title>Quantscope</title>
</head>
<body>
  <div id="app"></div>
  <script type="application/json" id="l10n">${jsonForScript(assets.translations)}</script>
  <script nonce="${assets.nonce}" src="${escapeAttribute(assets.script)}"></script>
</body>
</html>`;
}

/** `<` is written as an escape, so that no string of the JSON can close the script element. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

import { randomBytes } from 'node:crypto';
import { env, l10n as editorL10n, Uri, type Webview } from 'vscode';
import { pageHtml } from './pageHtml';

/** The document of one of our pages, `page` or `compare`, and leave for the webview to load what it needs and nothing else. */
export function webviewHtml(webview: Webview, extensionUri: Uri, page: 'page' | 'compare'): string {
  const root = Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  return pageHtml({
    script: webview.asWebviewUri(Uri.joinPath(root, `${page}.js`)).toString(),
    stylesheet: webview.asWebviewUri(Uri.joinPath(root, `${page}.css`)).toString(),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64'),
    language: env.language,
    translations: editorL10n.bundle ?? {},
  });
}

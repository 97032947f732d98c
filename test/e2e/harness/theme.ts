/** Classes VS Code gives the body; the last one is the kind of theme. */
const THEME_CLASSES: Readonly<Record<string, string>> = {
  dark: 'vscode-dark', light: 'vscode-light', 'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast vscode-high-contrast-light',
};

/** Makes the document look as in the theme that the query names, and lets `window.showTheme` change that. */
export function playTheme(query: URLSearchParams): void {
  showTheme(query.get('theme') ?? 'dark');
  Object.assign(window, { showTheme });
}

function showTheme(theme: string): void {
  document.documentElement.dataset['theme'] = theme;
  document.body.className = THEME_CLASSES[theme] ?? '';
  document.body.dataset['vscodeThemeKind'] = THEME_CLASSES[theme]?.split(' ').at(-1) ?? '';
}

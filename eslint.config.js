const path = require('node:path');
const { defineConfig, globalIgnores } = require('eslint/config');
const tseslint = require('typescript-eslint');

/**
 * Who may import whom. `files`: folders of this repository; `types`: folders of which only types may be imported;
 * `packages`: npm packages and Node modules. What is absent is not restricted.
 */
const boundaries = {
  'src/core': { files: ['src/core'], packages: ['onnx-proto'] },
  'src/protocol': { files: ['src/protocol'], types: ['src/core'], packages: ['@vscode/l10n', 'birpc', 'valibot'] },
  webview: {
    files: ['webview', 'src/protocol'],
    types: ['src/core'],
    packages: ['@vscode/l10n', '@vscode/webview-ui-toolkit', 'chart.js', 'valibot'],
  },
  ...Object.fromEntries(['src/cli', 'src/workers', 'src/runtime', 'src/platform'].map((folder) => [folder, {
    files: ['src/core', 'src/protocol', 'src/cli', 'src/workers', 'src/runtime', 'src/platform', 'package.json'],
    forbidden: ['vscode'],
  }])),
  'src/editor': {
    files: [
      'src/core', 'src/protocol', 'src/platform', 'src/workers', 'src/editor', 'src/log', 'src/notifications', 'src/reportError',
    ],
    types: ['src/commands', 'src/services'],
  },
  'src/views': { files: ['src/core', 'src/protocol', 'src/editor', 'src/views'], types: ['src/commands'] },
};

/** The toolkit is archived upstream: one file to replace it in. */
const toolkit = { package: '@vscode/webview-ui-toolkit', file: 'webview/toolkit.ts' };

const isInside = (file, folder) => file === folder || file.startsWith(`${folder}/`);
const isOf = (specifier, name) => specifier === name || specifier.startsWith(`${name}/`);

/** What is wrong with importing `specifier` in `file` (relative to the repository, with slashes), or null. */
function violation(file, specifier, typeOnly) {
  if (isOf(specifier, toolkit.package) && file !== toolkit.file) return `Only ${toolkit.file} imports ${toolkit.package}.`;
  const folder = Object.keys(boundaries).find((name) => isInside(file, name));
  if (!folder) return null;
  const { files, types = [], packages, forbidden = [] } = boundaries[folder];
  if (!specifier.startsWith('.')) {
    const allowed = !forbidden.includes(specifier) && (!packages || packages.some((name) => isOf(specifier, name)));
    return allowed ? null : `${folder} must not import ${specifier}.`;
  }
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  if (files.some((name) => isInside(target, name))) return null;
  if (!types.some((name) => isInside(target, name))) return `${folder} must not import ${target}.`;
  return typeOnly ? null : `${folder} may import only types from ${target}.`;
}

const importBoundaries = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = path.relative(__dirname, context.filename).split(path.sep).join('/');
    const check = (node, source, typeOnly) => {
      const message = typeof source?.value === 'string' ? violation(file, source.value, typeOnly) : null;
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source, true),
    };
  },
};

const notificationMethods = ['showErrorMessage', 'showWarningMessage', 'showInformationMessage', 'withProgress'];

module.exports = defineConfig(
  globalIgnores(['**/node_modules/', 'dist/', 'out/', '.vscode-test/', '.workbench/', 'src/core/kernels/assembly/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: { 'max-lines': ['error', 500], eqeqeq: 'error', 'prefer-const': 'error', 'no-var': 'error' } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/notifications.ts'],
    rules: {
      'no-restricted-properties': ['error', ...notificationMethods.map((property) => (
        { object: 'window', property, message: 'Use notifications: names could be links to commands.' }
      ))],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { quantscope: { rules: { 'import-boundaries': importBoundaries } } },
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'src/core/tsconfig.json', 'webview/tsconfig.json'],
        tsconfigRootDir: __dirname,
      },
    },
    rules: {
      'quantscope/import-boundaries': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
);

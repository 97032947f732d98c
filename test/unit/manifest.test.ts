import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_IDS } from '../../src/commands/commandIds';
import { METHODS, ROUNDINGS } from '../../src/core/plan/layerSettings';

interface MenuItem {
  command?: string;
  submenu?: string;
  when?: string;
  group?: string;
}

interface WalkthroughStep {
  description: string;
  media: { markdown: string };
  completionEvents: string[];
}

interface Setting {
  type: string;
  default: unknown;
  minimum?: number;
  maximum?: number;
  markdownDescription?: string;
}

interface Manifest {
  icon: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string; category: string }[];
    customEditors: { viewType: string; priority: string }[];
    submenus: { id: string; label: string }[];
    menus: Record<string, MenuItem[]>;
    views: Record<string, { id: string; name: string; when: string }[]>;
    walkthroughs: { id: string; steps: WalkthroughStep[] }[];
    keybindings: { command: string; key: string; when: string }[];
    jsonValidation: { fileMatch: string; url: string }[];
    configuration: { properties: Record<string, Setting> };
  };
}

const root = join(__dirname, '../..');
const manifestText = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const strings = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const {
  commands, menus, submenus, views, walkthroughs, keybindings, configuration, customEditors, jsonValidation,
} = manifest.contributes;
const SINGLE_KEYS = /^([0-9a-z]|enter)$/;

describe('commands', () => {
  test('the manifest declares the commands that are registered, and no others', () => {
    expect(commands.map(({ command }) => command).sort()).toEqual([...COMMAND_IDS].sort());
  });

  test.each(commands)('$command has a category and a translatable title', ({ category, title }) => {
    expect(category).toBe('Quantscope');
    expect(title).toMatch(/^%.+%$/);
  });

  test('menus and keys name commands and submenus that exist', () => {
    const items = Object.values(menus).flat();
    const named = [...items, ...keybindings].flatMap(({ command }) => command ?? []);
    expect(named.filter((command) => !(COMMAND_IDS as readonly string[]).includes(command))).toEqual([]);
    const known = new Set(submenus.map(({ id }) => id));
    expect(items.flatMap(({ submenu }) => submenu ?? []).filter((submenu) => !known.has(submenu))).toEqual([]);
    expect([...known].filter((id) => menus[id] === undefined)).toEqual([]);
  });

  test('menu items name one command or submenu each, and say when they are shown; those of a submenu are shown with it', () => {
    const ofSubmenus = new Set(submenus.map(({ id }) => id));
    for (const [menu, items] of Object.entries(menus)) {
      for (const { command, submenu, when } of items) {
        expect([command, submenu].filter((name) => name !== undefined)).toHaveLength(1);
        if (!ofSubmenus.has(menu)) expect(when, `${command ?? submenu} in ${menu}`).toMatch(/\S/);
      }
    }
  });

  test('the palette hides commands that need an open model, except the log', () => {
    const hidden = menus.commandPalette?.map(({ command }) => command);
    expect(COMMAND_IDS.filter((id) => !hidden?.includes(id))).toEqual(['quantscope.showLog']);
  });
});

describe('keys', () => {
  test.each(keybindings.filter(({ key }) => SINGLE_KEYS.test(key)))('$key acts only while the layer table has the focus', ({ when }) => {
    expect(when).toBe('quantscope.gridFocus && activeCustomEditorId =~ /^quantscope\\./');
  });

  test('no two commands share a key', () => {
    expect(new Set(keybindings.map(({ key }) => key)).size).toBe(keybindings.length);
  });
});

describe('context menu of a row', () => {
  const onRows = "webviewId =~ /^quantscope\\./ && webviewSection == 'layer'";
  const rowMenu = menus['webview/context'] ?? [];

  const named = rowMenu.map((item) => ({ name: item.command ?? item.submenu, ...item }));
  test.each(named)('$name appears on layers it is for', ({ name, when, group }) => {
    expect(when).toBe(name === 'quantscope.saveTensor' ? onRows : `${onRows} && layerQuantizable`);
    expect(group).toMatch(/^(1_quantize|2_view|3_compare|4_save|9_cutcopypaste)@\d+$/);
  });

  test('the layer tree offers the same, on the same layers', () => {
    const asOnRows = (when: string | undefined): string | undefined => when
      ?.replace('view == quantscope.layers', onRows).replace('viewItem =~ /quantizable$/', 'layerQuantizable');
    const inTree = (menus['view/item/context'] ?? []).map(({ command, submenu, group, when }) => (
      [command ?? submenu, group, asOnRows(when)]
    ));
    expect(inTree).toEqual(rowMenu.map(({ command, submenu, group, when }) => [command ?? submenu, group, when]));
  });
});

test('the layer tree is shown with an editor of a model', () => {
  expect(views.explorer).toMatchObject([{ id: 'quantscope.layers', when: 'activeCustomEditorId =~ /^quantscope\\./' }]);
});

test('the walkthrough has four steps, each with a text and a command that exists', () => {
  const [{ steps } = { steps: [] }] = walkthroughs;
  expect(steps).toHaveLength(4);
  for (const { description, media, completionEvents } of steps) {
    expect(existsSync(join(root, media.markdown)), media.markdown).toBe(true);
    const text = strings[description.slice(1, -1)]!;
    const [, linked] = /\]\(command:([\w.]+)\)/.exec(text) ?? [];
    const ours = completionEvents.flatMap((event) => /^onCommand:(.+)$/.exec(event)?.[1] ?? []);
    for (const command of [linked!, ...ours]) if (!command.startsWith('workbench.')) expect(COMMAND_IDS).toContain(command);
  }
});

test('every method has its line in the submenu', () => {
  expect(menus['quantscope.method']?.map(({ command }) => command)).toEqual(METHODS.map((method) => `quantscope.setLayerMethod.${method}`));
});

test('every rounding has its line in the submenu', () => {
  expect(menus['quantscope.rounding']?.map(({ command }) => command))
    .toEqual(ROUNDINGS.map((rounding) => `quantscope.setLayerRounding.${rounding}`));
});

describe('settings', () => {
  test.each(Object.entries(configuration.properties))('%s is described and bounded', (_, setting) => {
    expect(setting.markdownDescription).toMatch(/^%.+%$/);
    if (setting.type !== 'integer') return;
    expect(setting.minimum).toBeLessThanOrEqual(setting.default as number);
    expect(setting.maximum).toBeGreaterThanOrEqual(setting.default as number);
  });

  test('the code reads each of them, within the same bounds', () => {
    const code = readFileSync(join(root, 'src/editor/settings.ts'), 'utf8');
    for (const [name, { type, minimum, maximum, default: byDefault }] of Object.entries(configuration.properties)) {
      const key = name.replace('quantscope.', '');
      expect(code).toContain(type === 'integer' ? `bounded('${key}', ${minimum}, ${maximum}, ${byDefault})` : `get('${key}')`);
    }
  });
});

test('every translatable string exists, and every string is used', () => {
  const used = [...manifestText.matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key);
  expect([...new Set(used)].sort()).toEqual(Object.keys(strings).sort());
});

test('models open in Quantscope by default, other files on request', () => {
  expect(customEditors.map(({ viewType, priority }) => [viewType, priority]))
    .toEqual([['quantscope.model', 'default'], ['quantscope.any', 'option']]);
  // Commands, views and editors activate the extension by themselves; a panel that a reload brings back does not, nor a model with a plan that is renamed.
  expect(manifest.activationEvents).toEqual(['onWebviewPanel:quantscope.compare', 'workspaceContains:**/*.onnx.quant.json']);
});

test('files the manifest points to exist', () => {
  expect([manifest.icon, ...jsonValidation.map(({ url }) => url)].filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_IDS } from '../../src/commands/commandIds';

interface MenuItem {
  command?: string;
  submenu?: string;
  when?: string;
  group?: string;
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
    keybindings: { command: string; key: string; when: string }[];
    jsonValidation: { fileMatch: string; url: string }[];
    configuration: { properties: Record<string, Setting> };
  };
}

const root = join(__dirname, '../..');
const manifestText = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const strings = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const { commands, menus, submenus, keybindings, configuration, customEditors, jsonValidation } = manifest.contributes;
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
  test.each(menus['webview/context'] ?? [])('$command$submenu appears on layers that can be quantized', ({ when, group }) => {
    expect(when).toBe("webviewId =~ /^quantscope\\./ && webviewSection == 'layer' && layerQuantizable");
    expect(group).toMatch(/^(1_quantize|2_view|3_compare|9_cutcopypaste)@\d+$/);
  });
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
  expect(manifest.activationEvents).toEqual([]);
});

test('files the manifest points to exist', () => {
  expect([manifest.icon, ...jsonValidation.map(({ url }) => url)].filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

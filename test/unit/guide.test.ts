import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json';
import strings from '../../package.nls.json';
import { REPORT_FORMATS } from '../../src/core/report';
import { METHODS } from '../../src/core/plan/layerSettings';
import { SETTING_VALUES } from '../../src/core/plan/readSettings';

const folder = join(__dirname, '../../docs');
const guide = readFileSync(join(folder, 'guide.md'), 'utf8');
const titles: Readonly<Record<string, string>> = strings;

/** The text under a heading of the second level. */
function section(heading: string): string {
  return guide.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
}

describe('docs/guide.md', () => {
  test.each(manifest.contributes.commands.map(({ title }) => titles[title.replaceAll('%', '')] ?? title))('names the action %s', (title) => {
    const width = /^([3-7]) Bits$/.test(title) ? '**2 Bits** to **8 Bits**' : `**${title}**`;
    expect(section('Every action')).toContain(width);
  });

  test.each(Object.entries(manifest.contributes.configuration.properties))('names the setting %s with its default', (name, setting) => {
    const row = section('Settings').split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    const { default: value } = setting;
    expect(row?.split('|')[2]?.trim()).toBe(typeof value === 'boolean' ? 'on' : typeof value === 'string' ? `\`${value}\`` : String(value));
  });

  test.each(Object.keys(SETTING_VALUES))('has the plan\'s field %s', (field) => {
    expect(section('The plan file')).toContain(`\n| \`${field}\` |`);
  });

  test('has every quantizer, and a row for every form of report', () => {
    for (const method of METHODS) expect(section('The plan file')).toContain(`\`${method}\``);
    const forms = section('Reports').split('\n').filter((line) => line.startsWith('| ')).slice(1);
    expect(forms.filter((line) => !line.startsWith('| nodes_to_exclude '))).toHaveLength(Object.keys(REPORT_FORMATS).length);
  });

  test('shows pictures that are there, small enough for a page', () => {
    const pictures = [...guide.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => join(folder, path!));
    expect(pictures.length).toBeGreaterThan(4);
    for (const picture of pictures) {
      expect(existsSync(picture), picture).toBe(true);
      expect(readFileSync(picture).length).toBeLessThan(300 * 1024);
    }
  });
});

import { spawnSync } from 'node:child_process';

/** What a run of the command line came to: its JSON document, or its one line of complaint. */
export type CommandResult = { ok: true; document: unknown } | { ok: false; line: string };

/** Runs the built command line with `--json`. */
export function quantscope(...args: string[]): CommandResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return { ok: true, document: JSON.parse(stdout) };
  return { ok: false, line: stderr.trim().replace(/ \([^)]*\)/, '').replace(/^quantscope: /, '') };
}

import type { CopyFormat } from '../core/encodings/copyFormat';
import { idleSettings, type PartialSettings } from '../core/plan/layerSettings';
import { SETTING_NAMES, type SettingName } from '../core/plan/readSettings';

export interface CliJob {
  /** Paths as the shell is to see them. */
  model: string;
  output: string;
  /** Settings of all layers, or the path of a plan file. */
  how: PartialSettings | string;
  format: CopyFormat;
}

/** Arguments of the command line that writes the copy, the program's name first. */
export function cliArguments({ model, output, how, format }: CliJob): string[] {
  const settings = typeof how === 'string' ? ['--plan', asPath(how)] : settingArguments(how);
  const formats = format === 'exact' ? [] : ['--format', format];
  return ['quantscope', 'quantize', asPath(model), ...settings, ...formats, '-o', asPath(output)];
}

/** The arguments as one line for a shell, which `shell` names by its path: cmd, PowerShell, or any other as POSIX says. */
export function shellLine(args: readonly string[], shell: string): string {
  const quoted = quoteFor(shell);
  return args.map((arg) => (/^[\w./:=+-]+$/.test(arg) ? arg : quoted(arg))).join(' ');
}

function settingArguments(settings: PartialSettings): string[] {
  const idle = new Set<SettingName>(idleSettings(settings));
  return SETTING_NAMES.flatMap((name) => (settings[name] === undefined || idle.has(name) ? [] : [`--${name}`, String(settings[name])]));
}

/** A name that begins with a dash would be an option. */
function asPath(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

function quoteFor(shell: string): (text: string) => string {
  if (/(^|[\\/])cmd(\.exe)?$/i.test(shell)) return (text) => `"${text}"`;
  if (/(^|[\\/])(pwsh|powershell)(\.exe)?$/i.test(shell)) return (text) => `'${text.replaceAll("'", "''")}'`;
  return (text) => `'${text.replaceAll("'", "'\\''")}'`;
}

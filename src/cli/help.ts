import { COPY_FORMATS } from '../core/encodings/copyFormat';
import { formatSummary } from '../protocol/formatText';
import { optionsOf, type CommandName, type Option } from './options';

const SYNOPSIS: Record<CommandName, { usage: string; does: string }> = {
  inspect: { usage: 'inspect MODEL [--layer NAME] [--bins N]', does: 'layers, statistics and fits' },
  preview: { usage: 'preview MODEL [settings | --plan FILE]', does: 'error and size layer by layer; writes nothing' },
  quantize: { usage: 'quantize MODEL -o OUT [settings | --plan FILE]', does: 'writes a copy with quantized weights' },
  allocate: {
    usage: 'allocate MODEL --average-bits X | --max-bytes SIZE | --min-sqnr DB -o PLAN', does: 'chooses bit widths and writes them as a plan',
  },
  compare: { usage: 'compare A B [--tolerance X] [--inputs FILE]', does: 'how two models differ: weights and outputs' },
  evaluate: {
    usage: 'evaluate MODEL [--inputs FILE] [--labels FILE] [--reference MODEL | settings | --plan FILE]',
    does: 'accuracy of a model, or of the copy that settings make of it, and agreement with a reference',
  },
};

export function helpText(command?: CommandName): string {
  return command === undefined ? overview() : commandHelp(command);
}

function overview(): string {
  const commands = Object.values(SYNOPSIS);
  return [
    'Inspects, quantizes and compares ONNX models.',
    '',
    ...aligned(commands.map(({ usage, does }) => [`quantscope ${usage}`, does])),
    '',
    ...aligned([['quantscope COMMAND --help', 'options of a command'], ['quantscope --version', 'the version']]),
    '',
    'Exit codes: 0 done; 1 the job failed or was cancelled; 2 wrong usage or bad input.',
    '',
  ].join('\n');
}

function commandHelp(command: CommandName): string {
  const { usage, does } = SYNOPSIS[command];
  const options = optionsOf(command);
  const rows = [...options].map(([name, option]): [string, string] => [optionUsage(name, option), option.help]);
  const formats = COPY_FORMATS.map((name): [string, string] => [name, formatSummary(name)]);
  const notes = options.has('format') ? ['', 'Formats:', ...aligned(formats)] : [];
  return [`quantscope ${usage}`, '', sentence(does), '', ...aligned(rows), ...notes, ''].join('\n');
}

function optionUsage(name: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function aligned(rows: [string, string][]): string[] {
  const width = Math.min(44, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => (left.length > width
    ? `  ${left}\n  ${' '.repeat(width)}  ${right}`
    : `  ${left.padEnd(width)}  ${right}`));
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

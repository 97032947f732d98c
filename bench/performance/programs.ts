import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Program } from './program';

/** The distribution's packages are in the second, which another may hide. */
const PYTHONS = ['python3', '/usr/bin/python3'];
const PEERS = 'bench/peers';

/** The built command line. */
export function quantscopeProgram(name: string, ...args: string[]): Program {
  return { name, command: [process.execPath, 'dist/cli.js', ...args], isOurs: true };
}

export function readProgram(files: string[]): Program {
  return reading('reading in blocks of 1 MB, one thread of Node', 'aligned', files);
}

/** As programs do that know nothing of alignment. */
export function readIntoArrayProgram(files: string[]): Program {
  return reading('the same, into an array of Node', 'array', files);
}

function reading(name: string, memory: 'aligned' | 'array', files: string[]): Program {
  return { name, command: [process.execPath, join(PEERS, 'readFiles.mjs'), memory, ...files] };
}

/** What a program in Node that works on two threads cannot beat. */
export function startProgram(): Program {
  return { name: 'two workers of Node that do nothing', command: [process.execPath, join(PEERS, 'startWorkers.mjs')] };
}

/** Brings files into memory, as far as it holds them. */
export function warm(files: string[]): void {
  const [node = '', ...args] = readProgram(files).command;
  spawnSync(node, args);
}

export function catProgram(files: string[]): Program {
  return { name: '`cat`', command: ['cat', ...files] };
}

export function pythonProgram(name: string, script: string, ...args: string[]): Program {
  const { python, missing } = findPython();
  return { name, command: [python, join(PEERS, script), ...args], ...(missing && { missing }) };
}

/** Python and its packages with their versions, or what of them is missing. */
export function pythonText(): string {
  const { python, missing } = findPython();
  if (missing) return `not installed: ${missing}`;
  return spawnSync(python, ['-c', VERSIONS], { encoding: 'utf8' }).stdout.trim();
}

const VERSIONS = 'import sys, onnx, numpy; print(sys.version.split()[0], "with onnx", onnx.__version__, "and numpy", numpy.__version__)';

/** The first Python that lacks nothing, else what the last one lacks. */
function findPython(): { python: string; missing: string } {
  const all = PYTHONS.map((python) => ({ python, missing: missingOf(python) }));
  return all.find(({ missing }) => !missing) ?? all.at(-1)!;
}

function missingOf(python: string): string {
  if (!works(python, '')) return 'python3';
  return ['onnx', 'numpy'].filter((name) => !works(python, `import ${name}`)).map((name) => `python3-${name}`).join(', ');
}

function works(python: string, code: string): boolean {
  return spawnSync(python, ['-c', code], { stdio: 'ignore' }).status === 0;
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Program } from './program';

const PYTHON = 'python3';
const PEERS = 'bench/peers';

/** The built command line. */
export function quantscopeProgram(name: string, ...args: string[]): Program {
  return { name, command: [process.execPath, 'dist/cli.js', ...args] };
}

export function readProgram(files: string[]): Program {
  return { name: 'reading in blocks of 1 MB, one thread of Node', command: [process.execPath, join(PEERS, 'readFiles.mjs'), ...files] };
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
  const missing = missingOf(['onnx', 'numpy']);
  return { name, command: [PYTHON, join(PEERS, script), ...args], ...(missing && { missing }) };
}

/** Python and its packages with their versions, or what of them is missing. */
export function pythonText(): string {
  const missing = missingOf(['onnx', 'numpy']);
  if (missing) return `not installed: ${missing}`;
  return spawnSync(PYTHON, ['-c', VERSIONS], { encoding: 'utf8' }).stdout.trim();
}

const VERSIONS = 'import sys, onnx, numpy; print(sys.version.split()[0], "with onnx", onnx.__version__, "and numpy", numpy.__version__)';

function missingOf(packages: string[]): string {
  if (!works('')) return PYTHON;
  return packages.filter((name) => !works(`import ${name}`)).map((name) => `${PYTHON}-${name}`).join(', ');
}

function works(code: string): boolean {
  return spawnSync(PYTHON, ['-c', code], { stdio: 'ignore' }).status === 0;
}

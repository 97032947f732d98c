import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { version } from '../../package.json';
import { startWorker } from '../platform/startWorker';
import { createCoreClient } from '../workers/coreClient';
import { createWorkerPool } from '../workers/workerPool';
import { parseArguments, type Arguments } from './arguments';
import { allocate } from './allocate';
import { compare } from './compare';
import { evaluate } from './evaluate';
import { failureOf } from './failure';
import { helpText } from './help';
import { inspect } from './inspect';
import { preview } from './preview';
import { quantize } from './quantize';
import type { Session } from './session';
import { createTerminal, type Terminal } from './terminal';

/** Entry of the `quantscope` command line. */

const WORKERS = 2;

// Code that is compiled beside workers which keep all processors busy comes late: 400 MB are quantized 5 to 8 % sooner without.
if (availableParallelism() <= WORKERS) setFlagsFromString('--no-concurrent-recompilation');

const terminal = createTerminal();
void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});

async function main(argv: string[]): Promise<0 | 1 | 2> {
  try {
    await run(parseArguments(argv));
    return 0;
  } catch (error) {
    const { line, exitCode } = failureOf(error);
    terminal.warn(line);
    return exitCode;
  }
}

async function run(given: Arguments): Promise<void> {
  switch (given.command) {
    case 'help': return terminal.print(helpText(given.of));
    case 'version': return terminal.print(`${version}\n`);
    case 'inspect': return withSession(terminal, (session) => inspect(given, session), WORKERS);
    case 'preview': return withSession(terminal, (session) => preview(given, session));
    case 'allocate': return withSession(terminal, (session) => allocate(given, session));
    case 'compare': return withSession(terminal, (session) => compare(given, session));
    case 'evaluate': return withSession(terminal, (session) => evaluate(given, session));
    case 'quantize': return withSession(terminal, (session) => quantize(given, session), WORKERS);
  }
}

/**
 * Gives a command the workers and a signal that Ctrl+C aborts; a second Ctrl+C ends the process at once.
 * @param workers that are started at once: one that is asked for first comes up 50 ms later
 */
async function withSession(
  { print, warn, progress }: Terminal, command: (session: Session) => Promise<void>, workers = 0,
): Promise<void> {
  const pool = createWorkerPool(() => startWorker(join(__dirname, 'coreWorker.js')), WORKERS, workers);
  const interrupt = new AbortController();
  // One listener for each waiting layer is no leak.
  setMaxListeners(0, interrupt.signal);
  const abort = (): void => interrupt.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    await command({ core: createCoreClient(pool), signal: interrupt.signal, print, warn, progress });
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
    // What came of the command is told at once. The process ends with its workers, once these have cleaned up.
    void pool.dispose();
  }
}

/** Where the command line's words go: results to standard output, everything else to standard error. */
export interface Terminal {
  print: (text: string) => void;
  warn: (line: string) => void;
  /** Drawn over itself; nothing when standard error is no terminal. */
  progress: (fraction: number) => void;
}

const ERASE_LINE = '\r\u001B[K';

export function createTerminal(): Terminal {
  const { stdout, stderr } = process;
  let drawn = '';
  /** A reader such as `head` that closes the pipe early has seen enough. Results come last: nothing is under way. */
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    warn(`Standard output could not be written (${code}).`);
    process.exit(1);
  });

  function progress(fraction: number): void {
    const text = `${Math.floor(100 * fraction)} %`;
    if (!stderr.isTTY || text === drawn) return;
    stderr.write(`${ERASE_LINE}${text}`);
    drawn = text;
  }

  function erase(): void {
    if (drawn !== '') stderr.write(ERASE_LINE);
    drawn = '';
  }

  function warn(line: string): void {
    erase();
    stderr.write(`quantscope: ${line}\n`);
  }

  return {
    progress,
    warn,
    print(text) {
      erase();
      stdout.write(text);
    },
  };
}

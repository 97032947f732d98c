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
  /** A reader such as `head` that closes the pipe early has seen enough. */
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
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

  return {
    progress,
    print(text) {
      erase();
      stdout.write(text);
    },
    warn(line) {
      erase();
      stderr.write(`quantscope: ${line}\n`);
    },
  };
}

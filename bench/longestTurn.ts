interface CpuTime {
  user: number;
  system: number;
}

/** Of this thread, since Node 23.9: unlike the clock, it does not run while other programs have the processor. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => CpuTime };

/** Starts measuring the event loop of this thread; the result ends it and gives the longest turn in milliseconds. */
export function watchTurns(): () => number {
  let longest = 0;
  let before = now();
  const timer = setInterval(() => {
    const after = now();
    longest = Math.max(longest, after - before);
    before = after;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

function now(): number {
  if (!threadCpuUsage) return performance.now();
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
}

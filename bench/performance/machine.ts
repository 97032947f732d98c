import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { table } from './text';

/** What the numbers were taken on, and how busy it was. */
export function machineText(peers: string): string {
  const [{ model } = { model: 'unknown' }, ...others] = cpus();
  return table(['', ''], [
    ['Processor', `${model.trim()}, ${others.length + 1} threads`],
    ['Memory', `${(totalmem() / 1e9).toFixed(0)} GB`],
    ['System', `${systemName()}, ${type()} ${release()}`],
    ['Node', process.version],
    ['Python', peers],
    ['Load average at the start', loadavg().map((load) => load.toFixed(2)).join(', ')],
  ]);
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** What figures hold for. */
export interface Setting {
  readonly at: string;
  readonly machine: string;
  /** Averages over 1, 5 and 15 minutes, at the start. */
  readonly load: string;
  readonly node: string;
}

export function machineSetting(): Setting {
  const memory = /^MemTotal:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  const gib = Math.round(Number(memory) / 1024 / 1024);
  return {
    at: new Date().toISOString(),
    machine: `${availableParallelism()} x ${cpus()[0]?.model.trim()}, ${gib} GiB, Linux ${release()}`,
    load: loadavg()
      .map((value) => value.toFixed(2))
      .join(' '),
    node: process.version,
  };
}

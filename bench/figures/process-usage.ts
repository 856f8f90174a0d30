/** What a process and its descendants use, from proc(5). */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** In seconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Ticks. */
  readonly user: number;
  readonly system: number;
}

/** So far, of the process, its descendants, and those of them that have ended. */
export function cpuTime(pid: number): CpuTime {
  const stats = tree(pid);
  const seconds = (kind: 'user' | 'system') =>
    stats.reduce((sum, stat) => sum + stat[kind], 0) / TICKS_PER_SECOND;
  return { user: seconds('user'), system: seconds('system') };
}

/** User and system time together. */
export function cpuSeconds(pid: number): number {
  const { user, system } = cpuTime(pid);
  return user + system;
}

/** Proportional set size in MiB: memory that is shared between processes is counted once. */
export function memoryMiB(pid: number): number {
  const kib = tree(pid).map(({ pid: each }) =>
    Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1] ?? 0),
  );
  return kib.reduce((sum, size) => sum + size, 0) / 1024;
}

function tree(root: number): readonly Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(stat);
  const members = new Set([root]);
  for (let size = 0; size < members.size; ) {
    size = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** Fields 4 (ppid) and 14 to 17 (utime, stime, cutime, cstime); the name in field 2 may have spaces. */
function stat(pid: string): Stat {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, usersChildren = 0, systemsChildren = 0] = fields.slice(11, 15).map(Number);
  const parent = Number(fields[1] ?? -1);
  return { pid: Number(pid), parent, user: user + usersChildren, system: system + systemsChildren };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}

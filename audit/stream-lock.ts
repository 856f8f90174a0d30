import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One writer per stream. The lock file names its holder by process ID, start time and boot, so that a process which
 * died, or a process ID used again, does not keep the stream closed. It guards against two writers on one machine
 * (one PID namespace); streams of different machines have different node names.
 */
export class StreamLock {
  readonly #path: string;
  readonly #self = holderOf(process.pid);
  #held = false;

  constructor(directory: string) {
    this.#path = join(directory, 'lock');
  }

  /** @throws Error when a live process (this one included) has the stream open */
  acquire(): void {
    if (this.#held && read(this.#path) === this.#self) return;
    // Linked into place whole: a lock file is never seen half-written.
    const draft = `${this.#path}.${process.pid}`;
    writeFileSync(draft, this.#self, { mode: 0o600 });
    try {
      if (!tryLink(draft, this.#path)) {
        this.#takeOver();
        if (!tryLink(draft, this.#path)) throw this.#busy(read(this.#path));
      }
      this.#held = true;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  release(): void {
    if (this.#held && read(this.#path) === this.#self) rmSync(this.#path, { force: true });
    this.#held = false;
  }

  #takeOver(): void {
    const holder = read(this.#path);
    if (holder === null) return;
    if (isAlive(holder)) throw this.#busy(holder);
    const aside = `${this.#path}.stale.${process.pid}`;
    renameSync(this.#path, aside);
    // Between the look and the rename another process may have taken it over: give that one its lock back.
    const moved = read(aside);
    if (moved !== holder) tryLink(aside, this.#path);
    rmSync(aside, { force: true });
  }

  #busy(holder: string | null): Error {
    const pid = holder?.split(' ')[0] ?? 'unknown';
    return new Error(`the audit stream is open in process ${pid} (lock file ${this.#path})`);
  }
}

/** `pid starttime boot`; proc(5): field 22 of stat counts clock ticks since boot, Z is a zombie. Without /proc the PID alone. */
function holderOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return `${pid} - -`;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return `${pid} dead -`;
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim() ?? '-';
  return `${pid} ${fields[19] ?? '-'} ${boot}`;
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(' ')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holderOf(pid) === holder;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

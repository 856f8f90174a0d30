import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How late the event loop of a process was since it was last asked, ms. */
export interface LoopDelay {
  /** Of a timer of 1 ms, that included. */
  readonly p99: number;
  readonly max: number;
  /** For how long its thread could have run, but others had the cores. Linux only, else 0. */
  readonly waited: number;
}

/** Where loop-probe.ts leaves its answer. */
export const delayFile = (pid: number): string => join(tmpdir(), `postern-loop-${pid}.json`);

/** Of a process that was started with loop-probe.ts. */
export async function askLoopDelay(pid: number): Promise<LoopDelay> {
  const file = delayFile(pid);
  process.kill(pid, 'SIGUSR2');
  for (;;) {
    await sleep(20);
    try {
      const answer = JSON.parse(readFileSync(file, 'utf8')) as LoopDelay;
      rmSync(file);
      return answer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

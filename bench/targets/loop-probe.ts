/** Preloaded into a process that serves (`node --import`): tells on SIGUSR2 how late its event loop was. See loop-delay.ts. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { delayFile, type LoopDelay } from './loop-delay.ts';

if (isMainThread) answer();

function answer(): void {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  const file = delayFile(process.pid);
  let before = waited();
  delays.enable();
  process.on('SIGUSR2', () => {
    const now = waited();
    const found: LoopDelay = {
      p99: delays.percentile(99) / 1e6,
      max: delays.max / 1e6,
      waited: now - before,
    };
    writeFileSync(`${file}.new`, JSON.stringify(found));
    renameSync(`${file}.new`, file);
    before = now;
    delays.reset();
  });
}

/** ms since the start: Documentation/scheduler/sched-stats.rst of Linux. */
function waited(): number {
  if (process.platform !== 'linux') return 0;
  const [, nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
  return Number(nanoseconds) / 1e6;
}

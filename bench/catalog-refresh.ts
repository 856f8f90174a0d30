/** What it costs to keep a catalog fresh: looking whether it has changed, loading it anew, and what that does to the process. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { catalogFingerprint } from '../server/catalog-fingerprint.ts';
import type { Catalogs } from '../server/catalogs.ts';
import { median } from './statistics.ts';

export interface RefreshRow {
  readonly relations: number;
  /** ms, when nothing has been committed since, and when something else has; the catalog is the same. */
  readonly quietLook: number;
  readonly busyLook: number;
  /** ms, after a change of one relation; the median. */
  readonly load: number;
  /** ms; the longest that the event loop was blocked in any load, and the most CPU time that its thread spent in one turn. */
  readonly blocked: number;
  readonly longestTurn: number;
  /** Part of the time of loading in which the event loop was busy. */
  readonly busy: number;
}

const LOOKS = 5;
const LOADS = 5;
const CHANGE = 'drop view if exists public.touched; create view public.touched as select 1 as one';

export async function measureRefresh(
  catalogs: Catalogs,
  url: string,
  relations: number,
): Promise<RefreshRow> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const looks = await measureLooks(client);
  const loads: number[] = [];
  const busy: number[] = [];
  let longestTurn = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (let i = 0; i < LOADS; i++) {
    await client.query(CHANGE);
    const before = performance.eventLoopUtilization();
    delay.enable();
    const turns = watchTurns();
    loads.push(await timed(() => catalogs.load('bench')));
    delay.disable();
    longestTurn = Math.max(longestTurn, turns.stop());
    busy.push(performance.eventLoopUtilization(before).utilization);
  }
  await client.end();
  return {
    relations,
    ...looks,
    load: median(loads),
    blocked: delay.max / 1e6,
    longestTurn,
    busy: median(busy),
  };
}

async function measureLooks(client: pg.Client): Promise<Pick<RefreshRow, 'quietLook' | 'busyLook'>> {
  const known = await catalogFingerprint(client);
  const quiet: number[] = [];
  const busy: number[] = [];
  for (let i = 0; i < LOOKS; i++) {
    quiet.push(await timed(() => catalogFingerprint(client, known)));
    busy.push(await timed(() => catalogFingerprint(client, { ...known, snapshot: null })));
  }
  return { quietLook: median(quiet), busyLook: median(busy) };
}

/** On a machine that does other things too, CPU time tells what we do ourselves. */
function watchTurns(): { stop(): number } {
  const now = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let [last, longest] = [now(), 0];
  const timer = setInterval(() => {
    const at = now();
    [last, longest] = [at, Math.max(longest, at - last)];
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      return longest;
    },
  };
}

export interface Held {
  /** MiB, of the heap, and of buffers outside of it. */
  readonly heap: number;
  readonly buffers: number;
}

/** Memory that is held after `load` and was not before. */
export async function heldBy(load: () => Promise<unknown>): Promise<Held> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): Held => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { heap: heapUsed / 2 ** 20, buffers: arrayBuffers / 2 ** 20 };
  };
  const before = used();
  await load();
  const after = used();
  return { heap: after.heap - before.heap, buffers: after.buffers - before.buffers };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await run();
  return performance.now() - since;
}

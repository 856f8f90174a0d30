/** What it costs to keep a catalog fresh: looking whether it has changed, loading it anew, and what that does to the process. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { catalogFingerprint } from '../../server/catalog-fingerprint.ts';
import type { Catalogs } from '../../server/catalogs.ts';
import { median } from '../figures/statistics.ts';
import { FIRST_SCHEMA } from './large-database.ts';

export interface RefreshRow extends Held {
  readonly relations: number;
  /** ms, when nothing has been committed since, and when something else has; the catalog is the same. */
  readonly quietLook: number;
  readonly busyLook: number;
  /** ms, from nothing; and the median after a change of each kind, with the look that has seen it. */
  readonly load: number;
  readonly reloads: Readonly<Record<keyof typeof CHANGES, number>>;
  /** ms; the longest that the event loop was blocked in any of these, and the most CPU time that its thread spent in one turn. */
  readonly blocked: number;
  readonly longestTurn: number;
  /** Part of the time of the first load in which the event loop was busy. */
  readonly busy: number;
}

const LOOKS = 5;
const RELOADS = 3;
const CHANGES = {
  table: `drop table if exists public.touched_table;
          create table public.touched_table (id serial primary key, of bigint references ${FIRST_SCHEMA}.orders_0)`,
  view: `create or replace view public.touched_view as select * from ${FIRST_SCHEMA}.orders_0`,
  function: `create or replace function public.touched() returns integer language sql as 'select 1'`,
} as const;

/** `catalogs` has loaded nothing yet. */
export async function measureRefresh(
  catalogs: Catalogs,
  url: string,
  relations: number,
): Promise<RefreshRow> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const load = () => catalogs.load('bench');
  let first: Watched | undefined;
  const held = await heldBy(async () => {
    first = await watch(load);
  });
  const watched = [first!];
  const reloads: Partial<Record<keyof typeof CHANGES, number>> = {};
  for (const [kind, sql] of Object.entries(CHANGES)) {
    const times: number[] = [];
    for (let i = 0; i < RELOADS; i++) {
      await client.query(sql);
      watched.push(await watch(load));
      times.push(watched.at(-1)!.took);
    }
    reloads[kind as keyof typeof CHANGES] = median(times);
  }
  const looks = await measureLooks(client);
  await client.end();
  return {
    relations,
    ...held,
    ...looks,
    load: first!.took,
    reloads: reloads as RefreshRow['reloads'],
    blocked: Math.max(...watched.map(({ blocked }) => blocked)),
    longestTurn: Math.max(...watched.map(({ longestTurn }) => longestTurn)),
    busy: first!.busy,
  };
}

interface Watched extends Pick<RefreshRow, 'blocked' | 'longestTurn' | 'busy'> {
  readonly took: number;
}

async function watch(load: () => Promise<unknown>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = performance.eventLoopUtilization();
  delay.enable();
  const turns = watchTurns();
  const took = await timed(load);
  delay.disable();
  const busy = performance.eventLoopUtilization(before).utilization;
  return { took, blocked: delay.max / 1e6, longestTurn: turns.stop(), busy };
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

interface Held {
  /** MiB, of the heap, and of buffers outside of it. */
  readonly heap: number;
  readonly buffers: number;
}

/** Memory that is held after `load` and was not before. */
async function heldBy(load: () => Promise<unknown>): Promise<Held> {
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

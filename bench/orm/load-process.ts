/** Clients of one ORM that do their work for some seconds; prints what it took, as JSON. */
import { prismaWork } from './prisma-work.ts';
import { typeormWork } from './typeorm-work.ts';
import type { Orm, OrmOptions, OrmWork } from './work.ts';

export interface OrmLoad extends OrmOptions {
  readonly orm: Orm;
  /** s that count, after those before, in which code is compiled. */
  readonly seconds: number;
  readonly warmUp: number;
}

/** What it prints. */
export interface OrmTimes {
  /** ms of each piece of work. */
  readonly times: readonly number[];
  /** Those of the warm-up, too. */
  readonly all: number;
}

const load = JSON.parse(process.argv[2] ?? '') as OrmLoad;
const work = await (load.orm === 'prisma' ? prismaWork(load) : typeormWork(load));
const { length: before } = await together(load.warmUp);
const times = await together(load.seconds);
console.log(JSON.stringify({ times, all: before + times.length } satisfies OrmTimes));
await work.close();

/** All clients at once; resolves with the ms of each round of work. */
async function together(seconds: number): Promise<readonly number[]> {
  const end = performance.now() + seconds * 1000;
  const all = Array.from({ length: load.connections }, (_, client) => repeat(work, client * 100, end));
  return (await Promise.all(all)).flat();
}

async function repeat(work: OrmWork, first: number, end: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = first; performance.now() < end; n++) {
    const since = performance.now();
    await work.find(n);
    await work.list(n);
    await work.insert(n);
    await work.transact(n);
    times.push(performance.now() - since);
  }
  return times;
}

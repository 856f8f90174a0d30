import { Redis } from 'ioredis';
import pg from 'pg';
import { createIssuer } from '../../access/access.ts';
import type { GrantTermsInput } from '../../access/grant.ts';
import { loadConfig } from '../../server/config.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { timesOf } from '../figures/probe.ts';
import { cpuSeconds } from '../figures/process-usage.ts';
import { quantile } from '../figures/statistics.ts';
import type { Say } from '../part.ts';
import type { Plan } from '../plan.ts';
import { type PosternProcess, startPostern } from '../targets/postern-process.ts';

export interface GrantsRow {
  /** That are active. */
  readonly grants: number;
  /** ms of a login with one of them, the median. */
  readonly login: number;
  /** MiB of Redis. */
  readonly redis: number;
  /** Of one core, while nobody is connected. */
  readonly idleShare: number;
}

/** s of logins, and of rest. */
const [LOGINS, REST] = [1.5, 2];
/** Grants that are made at once. */
const TOGETHER = 50;
const TTL = 8 * 3_600_000;

/** Logins, and what an idle node costs, while ever more grants are active. */
export async function measureGrants(
  server: OwnPostgres,
  { grants }: Plan,
  say: Say,
): Promise<readonly GrantsRow[]> {
  const { host, port, user, password } = server;
  const postern = await startPostern({ host, port, user, password, database: 'postgres' }, { workers: 1 });
  const { redis, signingKey } = loadConfig(postern.config);
  const issuer = createIssuer({ redis, signingKey, record: () => {} });
  const rows: GrantsRow[] = [];
  try {
    let made = 1;
    await logins(postern); // warm
    for (const count of grants) {
      for (; made < count; made += TOGETHER)
        await Promise.all(
          Array.from({ length: TOGETHER }, (_, n) => issuer.store.create(terms(made + n), TTL, 'bench')),
        );
      rows.push(await measured(postern, count));
      say(`${count} grants: login ${rows.at(-1)?.login.toFixed(2)} ms`);
    }
  } finally {
    issuer.close();
    await postern.stop();
  }
  return rows;
}

async function measured(postern: PosternProcess, grants: number): Promise<GrantsRow> {
  const before = cpuSeconds(postern.pid);
  await new Promise((resolve) => setTimeout(resolve, REST * 1000));
  const idleShare = (cpuSeconds(postern.pid) - before) / REST;
  const login = quantile(await logins(postern), 0.5);
  return { grants, login, redis: await redisMiB(postern), idleShare };
}

function logins({ connection }: PosternProcess): Promise<readonly number[]> {
  return timesOf(async () => {
    const client = new pg.Client({ ...connection });
    await client.connect();
    await client.end();
  }, LOGINS);
}

async function redisMiB({ config }: PosternProcess): Promise<number> {
  const { redis } = loadConfig(config);
  if (redis.kind !== 'single') throw new Error('one Redis of our own');
  const client = new Redis(redis.url);
  const used = /^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1];
  client.disconnect();
  return Number(used) / 2 ** 20;
}

const terms = (n: number): GrantTermsInput => ({
  ...{ principal: { id: `person-${n}`, teams: ['support'] }, database: 'postgres' },
  scope: [{ actions: ['select', 'update'], on: ['public.*', '!public.payments'] }],
  limits: { rows: 100_000, rowsPerStatement: 1_000 },
  reason: 'the morning shift',
});

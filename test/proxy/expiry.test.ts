/** Who may not come in, and who has to leave: each with its words for the client and its event in the trail. */
import test from 'ava';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostern, type TestGrant } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

const postgres = await startPostgres();
await postgres.query('create database other');
const postern = await startPostern({
  postgres,
  databases: { shop: postgres.url(), other: postgres.url('other') },
  config: { limits: { grace: '1s' } },
});
const redis = new Redis(postern.redis.url);
test.after.always(async () => {
  redis.disconnect();
  await postern.stop();
  await postgres.stop();
});

const SELECT = ['select:public.*'];
const SLEEP = [...SELECT, 'execute:pg_catalog.pg_sleep'];

interface PostgresError extends Error {
  readonly code: string;
  readonly severity: string;
}

/** Connect, and leave at once; resolves with the error if there is one. */
async function login(url: string): Promise<PostgresError | null> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return null;
  } catch (error) {
    return error as PostgresError;
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** The error that ends a session while it waits for `sql`. */
async function endedWhile(client: pg.Client, sql: string): Promise<PostgresError> {
  return client.query(sql).then(
    () => Promise.reject(new Error('it was not ended')),
    (error: PostgresError) => error,
  );
}

const running = async (part: string): Promise<number> => {
  const [row] = await postgres.query<{ readonly count: string }>(
    `select count(*) from pg_stat_activity where state = 'active' and query like '%${part}%' and pid <> pg_backend_pid()`,
  );
  return Number(row!.count);
};

interface Refused {
  readonly title: string;
  readonly cause: string;
  readonly code: string;
  readonly message: RegExp;
  readonly attempt: () => Promise<{ readonly grant: TestGrant; readonly url: string }>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const REFUSED: readonly Refused[] = [
  {
    title: 'a token past its time',
    cause: 'expired',
    code: '28000',
    message: /expired/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT, ttl: 1000 });
      await pause(1100);
      return { grant, url: grant.url };
    },
  },
  {
    title: 'a revoked token',
    cause: 'revoked',
    code: '28000',
    message: /revoked/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT });
      await postern.issuer.store.revoke(grant.id, 'bob');
      return { grant, url: grant.url };
    },
  },
  {
    title: 'a token from an address it is not for',
    cause: 'wrong-address',
    code: '28000',
    message: /address/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT, from: ['10.0.0.0/8'] });
      return { grant, url: grant.url };
    },
  },
  {
    title: 'a single-use token for the second time',
    cause: 'login-limit',
    code: '28000',
    message: /logins/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT, limits: { logins: 1 } });
      await (await connect(grant.url)).end();
      return { grant, url: grant.url };
    },
  },
  {
    title: 'one connection more than the grant has',
    cause: 'connection-limit',
    code: '53300',
    message: /connections/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT, limits: { connections: 1 } });
      await connect(grant.url);
      return { grant, url: grant.url };
    },
  },
  {
    title: 'a grant that somebody has widened in Redis',
    cause: 'tampered',
    code: '28000',
    message: /can't be trusted/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT });
      const [key] = (await redis.keys(`*${grant.id}*`)).filter((name) => name.includes('grant'));
      const document = (await redis.hget(key!, 'document'))!;
      await redis.hset(key!, 'document', document.replace('"select"', '"delete"'));
      return { grant, url: grant.url };
    },
  },
  {
    title: 'a token for another database',
    cause: 'wrong-database',
    code: '28000',
    message: /database "shop"/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT });
      return { grant, url: grant.url.replace('/shop', '/other') };
    },
  },
  {
    title: 'a wrong token',
    cause: 'bad-token',
    code: '28P01',
    message: /password authentication failed/,
    attempt: async () => {
      const grant = await postern.grant({ allow: SELECT });
      return { grant, url: grant.url.replace(grant.password, 'pst_guessed') };
    },
  },
];

for (const { title, cause, code, message, attempt } of REFUSED) {
  test(`${title} is refused`, async (t) => {
    const { grant, url } = await attempt();
    const error = await login(url);
    t.is(error?.severity, 'FATAL');
    t.is(error?.code, code);
    t.regex(error?.message ?? '', message);
    const event = await postern.event('login.refused', { grant: grant.id });
    t.is(event.cause, cause);
    t.is(event.sqlstate, code);
    t.false(JSON.stringify(await postern.events()).includes(grant.password), 'the token is in the trail');
  });
}

test('a grant that nobody made is refused like a wrong token', async (t) => {
  const grant = await postern.grant({ allow: SELECT });
  const error = await login(grant.url.replace(grant.id, 'nosuchid'));
  t.is(error?.code, '28P01');
  t.is((await postern.event('login.refused', { grant: 'nosuchid' })).cause, 'unknown-grant');
});

test('a token that is good comes in, and leaves two events', async (t) => {
  const grant = await postern.grant({ allow: SELECT });
  t.is(await login(grant.url), null);
  await postern.event('session.start', { grant: grant.id });
  t.is((await postern.event('session.end', { grant: grant.id })).reason, 'client');
});

test('expiry ends an hour of sleep, upstream too', async (t) => {
  const grant = await postern.grant({ allow: SLEEP, ttl: 3000 });
  const client = await connect(grant.url);
  const error = await endedWhile(client, 'select pg_sleep(3600)');
  t.is(error.code, '57P01');
  t.regex(error.message, /expired/);
  while ((await running('pg_sleep(3600)')) > 0) await pause(20);
  t.is((await postern.event('session.end', { grant: grant.id })).reason, 'expired');
});

test('what runs when its grant is extended runs on, and ends with it when that is over', async (t) => {
  const grant = await postern.grant({ allow: SLEEP, ttl: 4_000 });
  const client = await connect(grant.url);
  const until = Date.now() + 4_500;
  const more = { until, request: 'r0000001', approvedBy: [] };
  t.not(await postern.issuer.store.extend(grant.id, more, 'bob'), null);
  const error = await endedWhile(client, 'select pg_sleep(3601)');
  t.true(Date.now() >= until);
  t.is(error.code, '57P01');
  t.regex(error.message, /grant \w+ expired/);
});

test('revocation ends a running statement and an idle session', async (t) => {
  const grant = await postern.grant({ allow: SLEEP });
  const [busy, idle] = [await connect(grant.url), await connect(grant.url)];
  const idleEnded = new Promise<PostgresError>((resolve) => idle.once('error', resolve));
  const ended = endedWhile(busy, 'select pg_sleep(3601)');
  while ((await running('pg_sleep(3601)')) === 0) await pause(20);
  await postern.issuer.store.revoke(grant.id, 'bob');
  for (const error of [await ended, await idleEnded]) {
    t.is(error.code, '57P01');
    t.regex(error.message, /revoked/);
  }
  while ((await running('pg_sleep(3601)')) > 0) await pause(20);
  const ends = (await postern.events()).filter((e) => e.type === 'session.end' && e.grant === grant.id);
  t.deepEqual(
    ends.map((event) => 'reason' in event && event.reason),
    ['revoked', 'revoked'],
  );
});

test('a reviewer ends one session, and no other of the same grant', async (t) => {
  const grant = await postern.grant({ allow: SLEEP });
  const [one, other] = [await connect(grant.url), await connect(grant.url)];
  const [session] = await postern.issuer.registry.list(grant.id);
  const first = endedWhile(one, 'select pg_sleep(3602)');
  const second = other.query('select pg_sleep(0.5)');
  await postern.issuer.registry.end(session!, 'bob');
  t.regex((await first).message, /ended by bob/);
  await t.notThrowsAsync(second);
  await other.end();
});

test.serial('without Redis nobody comes in, and sessions end after the grace', async (t) => {
  const grant = await postern.grant({ allow: SLEEP });
  const client = await connect(grant.url);
  const ended = endedWhile(client, 'select pg_sleep(3603)');
  postern.redis.pause();
  try {
    const refused = await login(grant.url);
    t.is(refused?.code, '57P03');
    t.regex((await ended).message, /grant store/);
  } finally {
    postern.redis.resume();
  }
  t.is((await postern.event('session.end', { grant: grant.id })).reason, 'store-lost');
});

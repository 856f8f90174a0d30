/** What time does by itself, on two nodes: each thing once, in the trail, in the log, and to receivers outside. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { pino } from 'pino';
import { createIssuer } from '../../access/access.ts';
import type { Rule } from '../../access/policy/policy.ts';
import { ask } from '../../access/requests/ask.ts';
import { createScramVerifier } from '../../access/scram-verifier.ts';
import { newToken } from '../../access/token.ts';
import { loadConfig } from '../../server/config.ts';
import { Housekeeping } from '../../server/housekeeping.ts';
import { scopeOf } from '../guardrails/deciding.ts';
import { startRedis } from '../helpers/redis.ts';
import { isGenuine, receiver, secretOf } from './events/receiver.ts';

const SIGNING_KEY = 'a signing key of the tests, long enough';
const redis = await startRedis();
const directory = mkdtempSync(join(tmpdir(), 'postern-housekeeping-'));
test.after.always(async () => {
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
});

const LIMITS = {
  ...{ rowsPerStatement: null, rows: null, bytes: null },
  ...{ connections: 8, logins: null, statements: null, from: null },
};
const terms = { scope: scopeOf(['select:public.orders']), ttl: 60_000, limits: LIMITS };
const review = { groups: [], approvals: 1, expires: 1_000 };
const POLICY = {
  ...{ revision: 'r1', dataClasses: new Map(), emergencies: { groups: [], within: 1_000 } },
  rules: [
    {
      name: 'fires',
      when: { emergency: true },
      outcome: { kind: 'auto_approve', cap: terms, beyond: 'review' },
    },
    { name: 'the rest', when: {}, outcome: { kind: 'review', cap: terms, review } },
  ] satisfies readonly Rule[],
};

test('requests and grants expire, emergencies are told of until they are reviewed', async (t) => {
  const { url, received } = await receiver(t);
  const lines: string[] = [];
  const nodes = ['one', 'two'].map((node) => {
    const file = join(directory, `${node}.yaml`);
    const config = {
      ...{ node, redis: redis.url, signingKey: SIGNING_KEY, audit: { spool: join(directory, node) } },
      databases: { shop: { url: 'postgresql://postern@127.0.0.1/shop' } },
      webhooks: [{ url, secret: [secretOf(1), secretOf(2)] }],
    };
    writeFileSync(file, JSON.stringify(config));
    const logger = pino({ base: { node } }, { write: (line: string) => lines.push(line) });
    return new Housekeeping(loadConfig(file), logger);
  });
  t.teardown(() => Promise.all(nodes.map((node) => node.close())));
  const issuer = createIssuer({
    redis: { kind: 'single', url: redis.url, timeout: 20_000 },
    signingKey: SIGNING_KEY,
    record: () => undefined,
  });
  t.teardown(() => issuer.close());

  const submit = async (emergency: boolean) => {
    const principal = { id: 'alice', kind: 'person', teams: [], roles: [] } as const;
    const form = { principal, database: 'shop', terms, reason: 'Mrs Smith', ticket: null, address: null };
    const now = Date.now();
    const asked = ask(POLICY, { ...form, emergency }, { onCall: false, triage: null, now });
    return await issuer.requests.submit(asked, await createScramVerifier(newToken()));
  };
  const [emergency, pending] = [await submit(true), await submit(false)];
  const { grant } = await issuer.store.create(
    { principal: { id: 'alice' }, database: 'shop', scope: terms.scope },
    1_000,
    'bob',
  );
  const messages = () => received.map(({ body }) => JSON.parse(body));
  const warnings = () => lines.filter((line) => line.includes('emergency access'));
  const metrics = async () => (await Promise.all(nodes.map((node) => node.metrics()))).join('');
  await until(async () => received.length >= 2 && warnings().length >= 2);
  for (const line of ['requests_pending 0', 'emergencies_to_review 1', 'emergencies_overdue 1'])
    await until(async () => (await metrics()).split(`\npostern_${line}\n`).length === 3);

  t.deepEqual(
    messages()
      .map(({ type, data }) => [type, data.request ?? data.grant])
      .sort(),
    [
      ['grant.expire', grant.id],
      ['request.expire', pending.id],
    ],
  );
  t.true(received.every((message) => [1, 2].every((byte) => isGenuine(message, secretOf(byte)))));
  t.notRegex(JSON.stringify(messages()), /Smith/);
  t.deepEqual(
    trail()
      .map(({ type }) => type)
      .sort(),
    ['grant.expire', 'request.expire'],
  );
  t.is(warnings().length, 2, 'once by each node');
  t.true(warnings().every((line) => line.includes(emergency.id) && JSON.parse(line).level === 40));
});

/** Events of both nodes. */
function trail(): readonly { readonly type: string }[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ndjson'))
    .flatMap((file) => readFileSync(join(directory, file), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as { type: string });
}

async function until(met: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1_200 && !(await met()); attempt++) await sleep(25);
  if (!(await met())) throw new Error('it does not come to that');
}

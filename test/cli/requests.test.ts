/** `postern request`, `requests`, `approve` and `deny`, run as people run them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { HeldStatement, Hold } from '../../proxy/ports.ts';
import { Fixture, SIGNING_KEY } from '../access/fixture.ts';
import { runHere } from './run-here.ts';
import { type Result, runPostern } from './run-postern.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-requests-'));
const config = join(directory, 'postern.yaml');
const POLICY = `version: 1
rules:
  - name: no wiping
    when: { actions: [delete, truncate] }
    deny: Ask for a clean-up instead.
  - name: reads
    when: { actions: [select], teams: [support] }
    auto_approve: { allow: ['select:public.*'], ttl: 10m }
  - name: fires
    when: { emergency: true }
    auto_approve: { allow: ['update:public.*'], ttl: 10m }
  - name: the rest
    review: { groups: [leads], allow: ['select,update:public.*'], ttl: 1h }
`;

const FAKE_PSQL = `#!/bin/sh
printf '%s\\n' "$PGPASSWORD" "$@"
exit 7
`;

let fixture: Fixture;
test.before(async () => {
  fixture = await Fixture.start();
  writeFileSync(join(directory, 'policy.yaml'), POLICY);
  writeFileSync(join(directory, 'psql'), FAKE_PSQL, { mode: 0o755 });
  const settings = {
    redis: fixture.redis.url,
    signingKey: SIGNING_KEY,
    databases: { shop: { url: 'postgresql://postern:hunter2@127.0.0.1/shop' } },
    policy: 'policy.yaml',
  };
  writeFileSync(config, JSON.stringify(settings));
});
test.after.always(async () => {
  await fixture.stop();
  rmSync(directory, { recursive: true, force: true });
});

const environment = { PATH: `${directory}:${process.env.PATH}`, POSTERN_CONFIG: config };

/** For what waits or starts others' programs, and for each command once. */
const postern = (...args: readonly string[]): Promise<Result> => runPostern(args, environment);

const here = (...args: readonly string[]): Promise<Result> => runHere(args, environment);

const ASK = ['request', '--as', 'alice', '--db', 'shop', '--reason', 'INC-1: where is it'];
const asJson = ({ stdout }: Result) => JSON.parse(stdout);

test('a routine request is granted at once, no longer than the rule allows', async (t) => {
  const result = await here(
    ...ASK,
    '--team',
    'support',
    '--allow',
    'select:public.orders',
    '--ttl',
    '2h',
    '--json',
  );
  t.is(result.status, 0, result.stderr);
  const { id, url, password, expiresAt } = asJson(result);
  t.true(url.includes(`${id}:${password}@`));
  t.true(Date.parse(expiresAt) - Date.now() <= 600_000);
  const grant = asJson(await here('grant', 'show', id, '--json'));
  t.deepEqual(grant.scope, [{ actions: ['select'], followed: true, on: ['public.orders'] }]);
});

test('a request that is denied says why, and exits with 3', async (t) => {
  const { status, stderr } = await here(...ASK, '--allow', 'delete:public.orders');
  t.is(status, 3);
  t.regex(stderr, /denied by policy: Ask for a clean-up instead/);
});

test('one that waits goes on when somebody else approves it', async (t) => {
  const waiting = postern(...ASK, '--allow', 'update:public.tickets', '--json');
  let id = '';
  while (id === '') {
    const pending = asJson(await here('requests', '--pending', '--json'));
    id =
      pending.find(({ terms }: { terms?: { scope: unknown } }) =>
        JSON.stringify(terms?.scope ?? null).includes('tickets'),
      )?.id ?? '';
  }
  const own = await here('approve', id, '--as', 'alice', '--group', 'leads');
  t.is(own.status, 3);
  t.regex(own.stderr, /nobody decides on their own request/);
  t.regex((await here('approve', id, '--as', 'bob')).stderr, /only members of leads/);
  const wider = await here('approve', id, '--as', 'bob', '--group', 'leads', '--allow', 'update:public.*');
  t.is(wider.status, 3);
  const but = ['--as', 'bob', '--group', 'leads', '--deny', 'update:public.orders'];
  t.is((await here('approve', id, ...but)).status, 2, 'takes nothing away from nothing, and is not left out');
  const done = await postern(
    'approve',
    id,
    '--as',
    'bob',
    '--group',
    'leads',
    '--ttl',
    '5m',
    '--comment',
    'go',
  );
  t.is(done.status, 0, done.stderr);
  t.regex(done.stdout, /approved by bob: grant/);
  const result = await waiting;
  t.is(result.status, 0, result.stderr);
  t.is(asJson(result).request, id);
  const grant = asJson(await here('grant', 'show', asJson(result).id, '--json'));
  t.deepEqual(grant.approvedBy, ['bob']);
  t.is(Date.parse(grant.expiresAt) - Date.parse(grant.issuedAt), 300_000);
  t.regex((await here('requests', id)).stdout, /rule +the rest \(policy [0-9a-f]{12}\)/);
});

test('one that does not wait is denied, withdrawn, or left', async (t) => {
  const ids = await Promise.all(
    [1, 2].map(
      async () =>
        asJson(await here(...ASK, '--allow', 'update:public.orders', '--no-wait', '--json')).request,
    ),
  );
  t.regex(
    (await postern('deny', ids[0], '--as', 'bob', '--group', 'leads', '--reason', 'not today')).stdout,
    /denied by bob: not today/,
  );
  t.is((await here('requests', 'withdraw', ids[1], '--as', 'bob')).status, 3);
  t.regex((await here('requests', 'withdraw', ids[1], '--as', 'alice')).stdout, /withdrawn/);
  t.is((await here('approve', ids[1], '--as', 'bob', '--group', 'leads')).status, 3);
  t.is((await here('approve', 'nobody00', '--as', 'bob')).status, 1);
  const list = await postern('requests');
  t.regex(list.stdout, /REQUEST +PRINCIPAL/);
  for (const id of ids) t.true(list.stdout.includes(id));
});

test('psql asks, and connects with what is granted', async (t) => {
  const asking = ['--as', 'alice', '--team', 'support', '--db', 'shop', '--reason', 'INC-2', '--request'];
  const { status, stdout, stderr } = await postern(
    'psql',
    ...asking,
    '--allow',
    'select:public.orders',
    '--',
    '-c',
    'select 1',
  );
  t.is(status, 7, stderr);
  const [token, ...args] = stdout.trim().split('\n');
  t.regex(token!, /^pst_/);
  t.deepEqual(args.slice(0, 2), ['-c', 'select 1']);
  t.regex(args[2]!, /^postgresql:\/\/[a-z0-9]{8}@/);
  t.is((await postern('psql', ...asking, '--allow', 'delete:public.orders')).status, 3);
});

test('what is not said is asked for', async (t) => {
  const { status, stderr } = await here(
    'request',
    '--as',
    'alice',
    '--db',
    'shop',
    '--allow',
    'select:public.x',
  );
  t.is(status, 2);
  t.regex(stderr, /what for/);
  t.is((await here(...ASK)).status, 2);
  t.is(
    (await here('request', '--as', 'a', '--db', 'none', '--reason', 'x', '--allow', 'select:public.x'))
      .status,
    2,
  );
});

test('more time is asked for by the grant or its request; what is left of it is given back', async (t) => {
  const asked = await here(
    ...ASK,
    ...['--team', 'support', '--allow', 'select:public.orders', '--ttl', '5m', '--json'],
  );
  const { id, request, expiresAt } = asJson(asked);
  const extend = (as: string) =>
    here(
      ...['request', 'extend', id, '--ttl', '1h', '--as', as, '--team', 'support'],
      ...['--reason', 'INC-1: one more', '--json'],
    );
  const extended = await extend('alice');
  t.is(extended.status, 0, extended.stderr);
  t.is(Date.parse(asJson(extended).until) - Date.parse(expiresAt), 300_000, 'the cap of the rule');
  const mallory = await extend('mallory');
  t.is(mallory.status, 3);
  t.regex(mallory.stderr, /only who holds the grant/);
  t.is((await here('grant', 'return', id, '--as', 'bob')).status, 3);
  t.regex((await here('grant', 'return', id, '--as', 'alice')).stdout, /given back/);
  const filter = ['--principal', 'alice', '--since', '1h', '--state', 'approved', '--json'];
  const own = asJson(await here('requests', ...filter)).map((each: { id: string }) => each.id);
  for (const each of [request, asJson(extended).request]) t.true(own.includes(each));
});

test('an emergency is granted, and reviewed by somebody else', async (t) => {
  const asked = await here(
    ...ASK,
    ...['--allow', 'update:public.orders', '--ttl', '5m', '--emergency', '--json'],
  );
  const { request } = asJson(asked);
  t.regex((await here('requests', '--to-review')).stdout, new RegExp(`${request}.*to be reviewed in`));
  const review = ['review', request, '--finding', 'justified', '--comment', 'the shop was down'];
  t.regex((await here(...review, '--as', 'alice')).stderr, /nobody reviews their own/);
  t.regex((await here(...review, '--as', 'bob')).stdout, /is reviewed/);
});

test('a held statement is shown as it would run, and decided on by somebody else', async (t) => {
  const { waiting } = fixture.process();
  const grant = 'aaaaaaaa';
  const statement: HeldStatement = {
    cause: 'scope',
    sql: 'select 1 -- \u001b[2K harmless\r; delete from orders\nwhere id = $1',
    prepared: [],
    parameters: ["71', $2 = '"],
    missing: ['delete:public.orders'],
    reasons: ['the statement names it'],
    inTransaction: true,
  };
  const who = {
    session: 's',
    grant,
    principal: { id: 'carol' },
    database: 'shop',
    client: '::1:5',
    application: null,
  };
  const { promise: asked, resolve } = Promise.withResolvers<Hold>();
  const { signal } = new AbortController();
  const outcome = waiting.ask({ ...who, statement, groups: [] }, { wait: 600_000, asked: resolve, signal });
  const { id } = await asked;
  const [list, shown, own] = await Promise.all([
    here('requests', '--pending'),
    here('requests', id),
    here('approve', id, '--as', 'carol'),
  ]);
  t.regex(list.stdout, new RegExp(`^${id} +carol +shop .*pending, for`, 'm'));
  t.true(
    shown.stdout.includes('    select 1 -- \\u{1b}[2K harmless\n    ; delete from orders\n    where id = $1'),
  );
  t.regex(shown.stdout, /^missing +delete:public\.orders$/m);
  t.regex(shown.stdout, /^transaction +open/m);
  t.regex(shown.stdout, /^parameters +\$1 = '71'', \$2 = '''$/m);
  t.deepEqual([own.status, own.stderr.includes('nobody decides on their own')], [3, true]);
  const narrowed = await here('approve', id, '--as', 'bob', '--ttl', '1m');
  t.deepEqual([narrowed.status, narrowed.stderr.includes('as it is, or denied')], [2, true]);
  t.is((await here('approve', id, '--as', 'bob', '--comment', 'fine')).stdout, 'approved by bob: fine\n');
  t.deepEqual(await outcome, { kind: 'approved', by: 'bob', comment: 'fine' });
  t.regex((await here('deny', id, '--as', 'bob', '--reason', 'no')).stderr, /it is approved already/);
});

/** `postern session`, of sessions that are over: told from the trail. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { AuditEvent, SessionRef } from '../../audit/events.ts';
import { Spool } from '../../audit/spool.ts';
import type { OwnRedis } from '../../server/embedded/redis.ts';
import { startRedis } from '../helpers/redis.ts';
import { runHere } from './run-here.ts';

const directory = mkdtempSync(join(tmpdir(), 'postern-session-'));
const config = join(directory, 'postern.yaml');
const REF: SessionRef = {
  ...{ session: 'aa11', grant: 'g1234567', principal: 'ann', database: 'shop', client: '127.0.0.1:5' },
};
const HOSTILE = `SELECT '\u001b[2J\u202e'`;

const ran = (statement: number, sql: string, tag: string, more: object = {}): AuditEvent => ({
  ...{ type: 'statement', ...REF, statement, via: 'query', decision: 'allow', sql, tags: [tag] },
  ...{ needs: [], reasons: [], sqlstate: null },
  ...more,
});
const done = (statement: number, tag: string): AuditEvent => ({
  ...{ type: 'statement.end', ...REF, statement, rows: 2, bytes: 9, durationMs: 1.25, tag },
  ...{ sqlstate: null, cut: null },
});
const TRAIL: readonly AuditEvent[] = [
  {
    ...{ type: 'grant.create', grant: REF.grant, principal: 'ann', database: 'shop', by: 'bob' },
    ...{ scope: [{ actions: ['select'], on: ['public.*'] }], limits: {}, reason: 'order\u0007 17' },
    ...{ ticket: 'INC-1', approvedBy: ['bob'], expiresAt: '2026-01-01T00:00:00.000Z' },
  },
  {
    ...{ type: 'session.start', ...REF, application: 'p\u001b[31msql', backendPid: 1, tls: false },
    protocol: '3.0',
  },
  ran(1, 'BEGIN', 'BEGIN'),
  done(1, 'BEGIN'),
  {
    ...{ type: 'risk.flag', ...REF, alarm: 'aa11-1', statement: 2, action: 'flag', cause: 'statement' },
    ...{ score: 0.93, sessionScore: null, model: 'm', reasons: ['it reads secrets'], news: [], sql: HOSTILE },
    ...{ application: null, teams: [], context: {} },
  },
  ran(2, HOSTILE, 'SELECT'),
  done(2, 'SELECT 2'),
  ran(3, 'DELETE FROM t', 'DELETE', {
    decision: 'deny',
    sqlstate: '42501',
    reasons: ['it lacks delete on t'],
  }),
  ran(4, 'COMMIT', 'COMMIT'),
  done(4, 'ROLLBACK'),
  {
    ...{ type: 'session.end', ...REF, reason: 'client', detail: null, durationMs: 50 },
    ...{ statements: 4, denied: 1, rows: 4, bytes: 18 },
  },
  { type: 'risk.verdict', alarm: 'aa11-1', verdict: 'false', by: 'rita', note: 'known' },
];

let redis: OwnRedis;
test.before(async () => {
  redis = await startRedis();
  const settings = {
    ...{ node: 'n1', redis: redis.url, signingKey: 'a signing key of the tests, long enough' },
    databases: { shop: { url: 'postgresql://postern@127.0.0.1/shop' } },
    audit: { spool: join(directory, 'audit') },
  };
  writeFileSync(config, JSON.stringify(settings));
  const spool = Spool.open({ directory: join(directory, 'audit'), node: 'n1', stream: 'w1', fsync: 'never' });
  for (const event of TRAIL) spool.append(event);
  await spool.commit();
  await spool.close();
});
test.after.always(async () => {
  await redis?.stop();
  rmSync(directory, { recursive: true });
});

const postern = async (...args: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await runHere(['session', ...args, '--config', config]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
};

test('sessions that are over are listed', async (t) => {
  t.regex(await postern('list', '--ended'), /^aa11 +g1234567 +ann +shop +\S+ +client +4 +1 +4 +1$/m);
  t.is(await postern('list', '--ended', '--principal', 'bob'), 'no session is over\n');
  t.like(JSON.parse(await postern('list', '--ended', '--json'))[0], { session: 'aa11', denied: 1 });
});

test('one is shown with who, why and what was run, and nothing of it steers the terminal', async (t) => {
  const text = await postern('show', 'aa11');
  t.notRegex(text, /[^\P{C}\n]/u);
  t.regex(text, /^why +order\? 17$/m);
  t.regex(text, /^approved by +bob$/m);
  t.regex(text, /^allows +select:public\.\*$/m);
  t.regex(text, /^came to +4 statements, 1 denied, 4 rows, 18 bytes$/m);
  t.regex(text, /^ {5}1 \+\d\.\ds {4} ┌ allow {4}BEGIN$/m);
  t.regex(text, /^ {5}2 \+\d\.\ds {4} │ allow {4}SELECT '\\u\{1b\}\[2J\\u\{202e\}'$/m);
  t.regex(text, /^ +-> 2 rows, 1\.3 ms$/m);
  t.regex(text, /^ +alarm aa11-1 \(flag\): statement score 0\.93; false alarm, says rita: known$/m);
  t.regex(text, /^ {5}3 \+\d\.\ds {4} │ deny {5}DELETE FROM t$/m);
  t.regex(text, /^ +! it lacks delete on t$/m);
  t.regex(text, /^ {5}4 \+\d\.\ds {4} └ allow {4}COMMIT$/m);
  t.like(JSON.parse(await postern('show', 'aa11', '--json')), { why: { grant: { ticket: 'INC-1' } } });
});

test('one is replayed, for people and for programs', async (t) => {
  const text = await postern('replay', 'aa11', '--speed', '1000');
  t.regex(text, /BEGIN.*2J.*DELETE.*COMMIT.*ended: client\n$/s);
  const lines = (await postern('replay', 'aa11', '--instant', '--json')).trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => JSON.parse(line).statement.statement),
    [1, 2, 3, 4],
  );
  const wrong = await runHere(['session', 'replay', 'aa11', '--speed', '0', '--config', config]);
  t.is(wrong.status, 2);
  t.is((await runHere(['session', 'show', 'zz', '--config', config])).status, 1);
});

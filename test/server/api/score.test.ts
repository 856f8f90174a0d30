import { request } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import anyTest, { type TestFn } from 'ava';
import pg from 'pg';
import type { OwnPostgres } from '../../../server/embedded/postgres.ts';
import type { OwnRedis } from '../../../server/embedded/redis.ts';
import {
  type GrantWish,
  type Postern,
  type PosternOptions,
  startPostern,
  type TestGrant,
} from '../../helpers/postern.ts';
import { startPostgres } from '../../helpers/postgres.ts';
import { startRedis } from '../../helpers/redis.ts';

interface Servers {
  postgres: OwnPostgres;
  redis: OwnRedis;
  node: Postern;
  port: number;
  metricsPort: number;
}

/** One node for all of it: each test has grants of its own. */
const test = anyTest as TestFn<Servers>;

const PER_MINUTE = 60;
const KEY = 'the same on both nodes of this test....';

test.before(async (t) => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  Object.assign(t.context, { postgres, redis });
  Object.assign(t.context, await nodeWith({ postgres, redis }));
});

test.after.always(async ({ context: { node, postgres, redis } }) => {
  await node?.stop();
  await Promise.all([postgres?.stop(), redis?.stop()]);
});

async function nodeWith(
  { postgres, redis }: Pick<Servers, 'postgres' | 'redis'>,
  config: Readonly<Record<string, unknown>> = {},
  options: Pick<PosternOptions, 'child' | 'tls'> = {},
) {
  const node = await startPostern({
    ...{ postgres, redis, signingKey: KEY, ...options },
    config: {
      api: { listen: '127.0.0.1:0', requestsPerMinute: PER_MINUTE },
      metrics: { listen: '127.0.0.1:0' },
      risk: {},
      limits: { startupTimeout: '60s' },
      ...config,
    },
  });
  return { node, port: node.apiPort, metricsPort: node.metricsPort };
}

const SCORE = { allow: ['score:risk'] } satisfies GrantWish;
const INJECTED = "select name from users where id = '1' or 1=1 union select passwd from pg_shadow --'";

const bearer = ({ id, password }: TestGrant): string => `Bearer ${id}.${password}`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a client gets is looked at as it comes
  readonly body: any;
}

async function post(
  port: number,
  authorization: string | null,
  body: unknown = { sql: 'select 1' },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/risk/score`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authorization !== null && { authorization }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('a grant with score:risk is answered: score, thresholds, reasons, model; and it is in the trail', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant(SCORE);
  const harmless = await post(port, bearer(grant));
  t.is(harmless.status, 200);
  t.is(harmless.body.threshold.crossed, null);
  const { status, body } = await post(port, bearer(grant), {
    sql: INJECTED,
    context: { role: 'support', grant: { actions: ['select'], reason: '' }, rows: 12 },
  });
  t.is(status, 200);
  t.true(body.score > harmless.body.score && body.score > 0.5 && body.score <= 1);
  t.true(body.probability > harmless.body.probability);
  t.is(body.threshold.crossed, 'flag', 'what the configuration does from there on is the flag');
  t.true(body.score >= body.threshold.flag);
  t.true(body.reasons.length >= 3 && body.reasons.length <= 5);
  for (const reason of body.reasons)
    t.true(reason.sentence.length > 0 && Number.isFinite(reason.contribution));
  t.regex(body.model, /^[0-9a-f]{8,}$/);
  const request = await node.event('model.request', { session: body.session });
  t.like(request, { grant: grant.id, principal: 'tester', asked: 'risk', sql: INJECTED, tls: false });
  const answer = await node.event('model.answer', { session: body.session });
  t.like(answer, { model: body.model, score: body.score, threshold: 'flag', fault: null });
});

test('secrets in a statement reach neither the trail nor anything else', async (t) => {
  const { node, port } = t.context;
  const { body } = await post(port, bearer(await node.grant(SCORE)), {
    sql: "alter role bob password 'hunter2-of-bob'",
  });
  const asked = await node.event('model.request', { session: body.session });
  t.like(asked, { sql: "alter role bob password '***'" });
});

test('an unknown grant, a wrong token and none look alike', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant(SCORE);
  const answers = [
    await post(port, `Bearer ${grant.id}.pst_${'x'.repeat(28)}`),
    await post(port, `Bearer z9999999.${grant.password}`),
    await post(port, `Bearer ${grant.password}`),
    await post(port, `Basic ${Buffer.from(`${grant.id}:${grant.password}`).toString('base64')}`),
    await post(port, null),
  ];
  for (const { status, headers, body } of answers) {
    t.is(status, 401);
    t.is(headers.get('www-authenticate'), 'Bearer realm="postern"');
    t.deepEqual(body, answers[0]?.body);
    t.regex(body.hint, /GRANT\.TOKEN/);
  }
  t.like(await node.event('login.refused', { grant: grant.id }), { cause: 'bad-token', sqlstate: '28P01' });
  t.is((await node.event('login.refused', { grant: 'z9999999' })).cause, 'unknown-grant');
});

test('a grant without score is told what to ask for, and pays nothing', async (t) => {
  const { node, port } = t.context;
  const everything = await node.grant({ allow: ['*:*'], limits: { logins: 1 } });
  const { status, body } = await post(port, bearer(everything));
  t.is(status, 403);
  t.is(body.code, 'not-granted');
  t.regex(body.hint, /--allow score:risk/);
  t.is((await node.event('login.refused', { grant: everything.id })).cause, 'not-granted');
  t.is((await node.issuer.store.usage(everything.id))?.logins, 0);
  const other = await node.grant({ allow: ['score:triage'] });
  t.is((await post(port, bearer(other))).status, 403, 'another model');
});

test('a token of one login is good for one request, also of many at once', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant({ ...SCORE, limits: { logins: 1 } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(port, bearer(grant))));
  t.is(answers.filter(({ status }) => status === 200).length, 1);
  for (const { status, body } of answers)
    if (status !== 200) t.deepEqual([status, body.code], [401, 'login-limit']);
  await node.event('login.refused', { grant: grant.id, cause: 'login-limit' });
});

test('a body that can not be used costs no login', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant({ ...SCORE, limits: { logins: 1 } });
  const wrong: readonly (readonly [unknown, number])[] = [
    ['', 400],
    ['{"sql": "select 1"', 400],
    ['{"sql": "select 1", "__proto__": {"x": 1}}', 400],
    [{}, 400],
    [{ sql: 1 }, 400],
    [{ sql: '' }, 400],
    [{ sql: 'select 1', more: true }, 400],
    [{ sql: 'select 1', context: { hour_utc: 24 } }, 400],
    [{ sql: 'select 1', context: { user: 'x'.repeat(300) } }, 400],
    [[{ sql: 'select 1' }], 400],
    [{ sql: 'x'.repeat(300_000) }, 413],
  ];
  for (const [body, status] of wrong) {
    const answer = await post(port, bearer(grant), body);
    t.is(answer.status, status, JSON.stringify(body).slice(0, 60));
    t.true(answer.body.detail.length > 0 && answer.body.hint.length > 0);
  }
  const { status } = await post(port, bearer(grant), 'sql=select', { 'content-type': 'text/plain' });
  t.is(status, 415);
  t.is((await post(port, bearer(grant))).status, 200);
});

test('the statements of a grant are counted, here and in its sessions together', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant({ allow: ['score:risk', 'select:*'], limits: { statements: 2 } });
  t.is((await post(port, bearer(grant))).status, 200);
  const client = new pg.Client(grant.url);
  await client.connect();
  await client.query('select 1');
  await client.end();
  const { status, body } = await post(port, bearer(grant));
  t.deepEqual([status, body.code], [403, 'statement-limit']);
});

test('what has ended is told to its holder', async (t) => {
  const { node, port } = t.context;
  const revoked = await node.grant(SCORE);
  await node.issuer.store.revoke(revoked.id, 'a reviewer');
  const { status, body } = await post(port, bearer(revoked));
  t.deepEqual([status, body.code], [401, 'revoked']);
  const elsewhere = await node.grant({ ...SCORE, from: ['10.0.0.0/8'] });
  const headers = { 'x-forwarded-for': '10.1.2.3', forwarded: 'for=10.1.2.3', 'x-real-ip': '10.1.2.3' };
  t.is((await post(port, bearer(elsewhere), undefined, headers)).status, 403, 'headers are not believed');
});

test('a grant is paced over all nodes, another is not kept waiting', async (t) => {
  const other = await nodeWith(t.context);
  t.teardown(() => other.node.stop());
  const { node, port } = t.context;
  const grant = await node.grant({ ...SCORE, limits: { connections: 100 } });
  // All at once: on a slow machine one after another is no haste.
  const ports = Array.from({ length: PER_MINUTE }, (_, index) => (index % 2 === 0 ? port : other.port));
  const answers = await Promise.all(ports.map((each) => post(each, bearer(grant))));
  const paced = answers.filter(({ status }) => status === 429);
  t.true(paced.length > 0);
  for (const { headers, body } of paced) {
    t.is(body.code, 'rate-limit');
    t.true(Number(headers.get('retry-after')) >= 1);
  }
  t.is((await post(port, bearer(await node.grant(SCORE)))).status, 200);
});

test('an attempt with a wrong token uses up nothing of the grant', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant({ ...SCORE, limits: { logins: 1 } });
  for (let attempt = 0; attempt < PER_MINUTE; attempt += 10)
    await Promise.all(Array.from({ length: 10 }, () => post(port, `Bearer ${grant.id}.pst_wrong`)));
  t.is((await post(port, bearer(grant))).status, 200);
});

/** Bytes as they are; resolves with all that the server says until it closes. */
async function raw(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  for (const part of parts) socket.write(part);
  return text(socket);
}

test('two answers to who asks are none', async (t) => {
  const { node, port } = t.context;
  const [one, two] = [await node.grant(SCORE), await node.grant(SCORE)];
  const body = '{"sql":"select 1"}';
  const rest = `content-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n`;
  const both = `authorization: ${bearer(one)}\r\nauthorization: ${bearer(two)}\r\n`;
  t.regex(
    await raw(port, `POST /v1/risk/score HTTP/1.1\r\nhost: a\r\n${both}${rest}\r\n${body}`),
    /^HTTP\/1.1 401 /,
  );
  const smuggled = `authorization: ${bearer(one)}\r\ntransfer-encoding: chunked\r\n${rest}`;
  t.regex(
    await raw(port, `POST /v1/risk/score HTTP/1.1\r\nhost: a\r\n${smuggled}\r\n${body}`),
    /^HTTP\/1.1 400 /,
  );
});

test('what a client calls itself can not forge a line', async (t) => {
  const { node, port } = t.context;
  const grant = await node.grant(SCORE);
  const body = '{"sql":"select 1\\n\\u001b[2J{\\"type\\":\\"node.stop\\"}"}';
  const answer = await raw(
    port,
    `POST /v1/risk/score HTTP/1.1\r\nhost: a\r\nuser-agent: a\tb"}${'z'.repeat(500)}\r\nauthorization: ${bearer(grant)}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  t.regex(answer, /^HTTP\/1.1 200 /);
  const event = await node.event('model.request', { grant: grant.id });
  t.notRegex(event.application ?? '', /\p{Cc}/u);
  t.true((event.application ?? '').length <= 200);
});

test('other paths and methods, and the description', async (t) => {
  const { port } = t.context;
  for (const [method, path] of [
    ['GET', '/v1/risk/score'],
    ['POST', '/v1/risk/../../etc/passwd'],
    ['GET', '/metrics'],
    ['DELETE', '/v1/risk/score'],
  ] as const) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    t.is(response.status, 404);
    t.is(((await response.json()) as Answer['body']).code, 'not-found');
  }
  const response = await fetch(`http://127.0.0.1:${port}/v1/openapi.json`);
  const description = (await response.json()) as Answer['body'];
  const described = description.paths['/v1/risk/score'].post;
  t.deepEqual(described.security, [{ grant: [] }]);
  t.deepEqual(described.requestBody.content['application/json'].schema.required, ['sql']);
  t.truthy(described.responses['200'].content['application/json'].schema.properties.probability);
});

test('requests are counted', async (t) => {
  const { node, port, metricsPort } = t.context;
  await post(port, bearer(await node.grant(SCORE)));
  await post(port, null);
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  t.regex(metrics, /postern_api_requests_total\{route="\/v1\/risk\/score",status="200"\} [1-9]/);
  t.regex(metrics, /postern_api_refused_total\{cause="unknown-grant"\} [1-9]/);
});

test('without a model or Redis there is no answer, and the login is not lost', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const { node, port } = await nodeWith(
    { postgres: t.context.postgres, redis },
    { risk: { model: '/nowhere' }, logLevel: 'silent' },
  );
  t.teardown(() => node.stop());
  const grant = await node.grant({ ...SCORE, limits: { logins: 1 } });
  const { status, headers, body } = await post(port, bearer(grant));
  t.deepEqual([status, body.code, headers.get('retry-after')], [503, 'unavailable', '1']);
  t.is((await node.issuer.store.usage(grant.id))?.logins, 0, 'the login is not lost');
  redis.pause();
  t.is((await post(port, bearer(grant))).status, 503);
  redis.resume();
});

test('over TLS, beside workers', async (t) => {
  const { postgres, redis } = t.context;
  const { node, port } = await nodeWith({ postgres, redis }, { workers: 2 }, { child: true, tls: true });
  t.teardown(() => node.stop());
  const grant = await node.grant(SCORE);
  const body = JSON.stringify({ sql: 'select 1' });
  const answer = await new Promise<string>((resolve, reject) => {
    const options = { port, method: 'POST', path: '/v1/risk/score', rejectUnauthorized: false };
    const headers = { authorization: bearer(grant), 'content-type': 'application/json' };
    request({ ...options, headers }, (response) => resolve(text(response)))
      .on('error', reject)
      .end(body);
  });
  const { session, score } = JSON.parse(answer) as { session: string; score: number };
  t.true(score >= 0 && score <= 1);
  t.like(await node.event('model.request', { session }), { tls: true, node: 'test' });
  await t.throwsAsync(post(port, bearer(grant)), undefined, 'in the clear there is nothing');
});

/** What others are told: every way in which a receiver fails, nodes come and go, and somebody meddles with the queue. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createIssuer } from '../../../access/access.ts';
import type { WebhookConfig } from '../../../server/config-webhook.ts';
import { EventSender, type EventSenderOptions } from '../../../server/events/event-sender.ts';
import type { EventMessage } from '../../../server/events/message.ts';
import { Outbox } from '../../../server/events/outbox.ts';
import { receiverOf } from '../../../server/events/receiver.ts';
import { startRedis } from '../../helpers/redis.ts';
import { isGenuine, receiver, secretOf } from './receiver.ts';

const redis = await startRedis();
const client = new Redis(redis.url);
const issuer = createIssuer({
  redis: { kind: 'single', url: redis.url, timeout: 20_000 },
  signingKey: 'a signing key of the tests, long enough',
  record: () => undefined,
});
test.after.always(async () => {
  client.disconnect();
  issuer.close();
  await redis.stop();
});
const queue = issuer.events;

const to = (url: string, more: Partial<WebhookConfig> = {}): WebhookConfig => ({
  ...{ url, secrets: [secretOf(7)], types: null, details: false, sql: false },
  ...more,
});

/** A process that puts messages in, and nodes that send them. */
function sending(t: ExecutionContext, receivers: readonly WebhookConfig[]) {
  const outcomes: string[] = [];
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  const outbox = new Outbox({ receivers, queue, logger });
  const node = (options: Partial<EventSenderOptions> = {}): EventSender => {
    const sender = new EventSender({
      ...{ receivers, queue, logger, counted: (outcome) => outcomes.push(outcome) },
      ...{ pauses: [1, 1, 1], poll: 20, timeout: 10_000 },
      ...options,
    });
    t.teardown(() => sender.close());
    return sender;
  };
  const send = (id: string, about: string = randomUUID(), more: Partial<EventMessage> = {}): void =>
    outbox.send({
      ...{ id, about, type: 'risk.alarm', timestamp: '2026-01-31T12:00:00.000Z', data: { about } },
      ...more,
    });
  return { outbox, node, send, outcomes, lines };
}

async function until(met: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1_200 && !met(); attempt++) await sleep(25);
  if (!met()) throw new Error('it does not come to that');
}

test('a message is signed as the Standard Webhooks specification says, tokens are masked', async (t) => {
  const { url, received } = await receiver(t);
  const { node, send, outcomes } = sending(t, [to(url)]);
  node();
  send('s-1', 'it', { data: { application: 'pst_0123456789abcdefghijABCDEFGH' } });
  await until(() => outcomes.length === 1);
  const [message] = received;
  t.is(message!.id, 's-1');
  t.true(isGenuine(message!, secretOf(7)));
  t.false(isGenuine(message!, secretOf(8)));
  t.false(isGenuine({ ...message!, body: message!.body.replace('alarm', 'drift') }, secretOf(7)));
  t.false(isGenuine({ ...message!, id: 's-2' }, secretOf(7)));
  t.false(isGenuine(message!, secretOf(7), Date.now() + 600_000), 'it is of no use for long');
  t.like(JSON.parse(message!.body), { type: 'risk.alarm', timestamp: '2026-01-31T12:00:00.000Z' });
  t.notRegex(message!.body, /0123456789abcdef/);
  t.deepEqual(outcomes, ['delivered']);
});

test('a secret is changed without a gap: both sign while both are known', async (t) => {
  const { url, received } = await receiver(t);
  for (const secrets of [[secretOf(1)], [secretOf(2), secretOf(1)], [secretOf(2)]]) {
    const { node, send, outcomes } = sending(t, [to(url, { secrets })]);
    const sender = node();
    send(randomUUID());
    await until(() => outcomes.length === 1);
    await sender.close();
  }
  t.deepEqual(
    received.map((message) => [1, 2].map((byte) => isGenuine(message, secretOf(byte)))),
    [
      [true, false],
      [true, true],
      [false, true],
    ],
  );
});

test('what is not taken is tried again, under the same name and with a new time', async (t) => {
  const { url, received } = await receiver(
    t,
    (number) => ([503, 'cut', 429, 401] as const)[number - 1] ?? 200,
  );
  const { node, send, outcomes, lines } = sending(t, [to(url)]);
  node({ pauses: [1, 1, 1, 1] });
  send('s-1');
  await until(() => outcomes.length === 1);
  t.deepEqual(outcomes, ['delivered']);
  t.deepEqual(
    received.map(({ id }) => id),
    Array(5).fill('s-1'),
  );
  t.true(received.every((message) => isGenuine(message, secretOf(7))));
  t.is(lines.filter((line) => line.includes('does not take messages')).length, 1, 'said once');
  t.is(lines.filter((line) => line.includes('takes messages again')).length, 1);
});

test('it is given up in the end, and the log has neither the path nor the answer', async (t) => {
  const { url, received } = await receiver(t, () => 500);
  const { node, send, outcomes, lines } = sending(t, [to(url)]);
  node();
  send('s-1');
  await until(() => outcomes.length === 1);
  t.deepEqual([outcomes, received.length], [['failed'], 4]);
  t.regex(lines.join(''), /s-1.*given up/);
  t.notRegex(lines.join(''), /hidden|secret of the receiver|whsec_/);
  t.is(await queue.waiting(receiverOf({ url })), 0);
});

test('a redirection is not followed, and what is not wanted is not sent again', async (t) => {
  for (const status of [302, 308, 400, 410, 413]) {
    const { url, received } = await receiver(t, () => status);
    const { node, send, outcomes } = sending(t, [to(url)]);
    node();
    send('s-1');
    await until(() => outcomes.length === 1);
    t.deepEqual([outcomes, received.length], [['failed'], 1], `${status}`);
  }
});

test('a receiver that hangs costs one attempt its time; one whose answer has no end costs none', async (t) => {
  const { url } = await receiver(t, (number) => (['hang', 'drip'] as const)[number - 1] ?? 200);
  const { node, send, outcomes, lines } = sending(t, [to(url)]);
  node({ timeout: 500 });
  send('s-1');
  await until(() => outcomes.length === 1);
  t.deepEqual(outcomes, ['delivered']);
  t.regex(lines.join(''), /TimeoutError/);
});

test('messages about one thing come in their order, whatever fails; others do not wait for them', async (t) => {
  let failed = 0;
  const { url, received } = await receiver(t, (_, { id }) => (id === 'a0' && failed++ < 3 ? 500 : 200));
  const { node, send, outcomes } = sending(t, [to(url)]);
  for (const about of ['a', 'b']) for (let number = 0; number < 5; number++) send(`${about}${number}`, about);
  node();
  await until(() => outcomes.length === 10);
  const of = (about: string) => received.map(({ id }) => id).filter((id) => id.startsWith(about));
  t.deepEqual([...new Set(of('a'))], ['a0', 'a1', 'a2', 'a3', 'a4']);
  t.deepEqual(of('a').slice(0, 4), ['a0', 'a0', 'a0', 'a0']);
  t.deepEqual(of('b'), ['b0', 'b1', 'b2', 'b3', 'b4']);
});

test('of many nodes, one sends each message', async (t) => {
  const { url, received } = await receiver(t);
  const { outbox, node, send, outcomes } = sending(t, [to(url)]);
  for (let number = 0; number < 3; number++) node();
  for (let number = 0; number < 60; number++) send(`m${number}`, `about ${number % 20}`);
  await outbox.settled();
  await until(() => outcomes.length === 60);
  t.is(received.length, 60);
  t.is(new Set(received.map(({ id }) => id)).size, 60);
});

test('what a node has not sent when it stops, or dies over it, another sends', async (t) => {
  let isUp = false;
  const { url, received } = await receiver(t, () => (isUp ? 200 : 503));
  const { outbox, node, send, outcomes } = sending(t, [to(url)]);
  const first = node({ pauses: [1_000, 1_000, 1_000] });
  send('s-1');
  await until(() => received.length > 0);
  await first.close();
  send('s-2');
  await outbox.settled();
  const claimed = await queue.claim(receiverOf({ url }), 400); // and dies
  t.truthy(claimed?.event);
  isUp = true;
  node();
  await until(() => outcomes.length === 2);
  t.deepEqual(outcomes, ['delivered', 'delivered']);
  t.deepEqual([...new Set(received.map(({ id }) => id))].sort(), ['s-1', 's-2']);
  t.false(await queue.done(claimed!), 'a claim that has ended settles nothing');
});

test('each receiver is told what it asks for, and one that is down keeps nothing from the others', async (t) => {
  const down = await receiver(t, () => 503);
  const risk = await receiver(t);
  const all = await receiver(t);
  const { node, send, outcomes } = sending(t, [
    to(down.url),
    to(risk.url, { types: ['risk.*'], details: true, sql: true }),
    to(all.url, { types: ['risk.drift', 'grant.revoke'] }),
  ]);
  node({ pauses: [60_000] });
  const more = { details: { reason: 'the password is hunter2' }, sql: { sql: 'select 1' } };
  send('alarm', 'a', more);
  send('revoke', 'g', { ...more, type: 'grant.revoke' });
  await until(() => outcomes.length === 2);
  t.deepEqual(
    risk.received.map(({ body }) => JSON.parse(body).data),
    [{ about: 'a', reason: 'the password is ***', sql: 'select 1' }],
  );
  t.deepEqual(
    all.received.map(({ body }) => JSON.parse(body).data),
    [{ about: 'g' }],
  );
});

test('what nobody has signed, or signed for another receiver, is not sent', async (t) => {
  const [mine, other] = [await receiver(t), await receiver(t)];
  const own = sending(t, [to(mine.url)]);
  const theirs = sending(t, [to(other.url, { details: true, sql: true })]);
  theirs.send('secret', 'lane', { sql: { sql: 'select 1' } });
  await theirs.outbox.settled();
  const lane = (url: string) => `postern:{events:${receiverOf({ url })}}:lane:lane`;
  const [entry] = await client.lrange(lane(other.url), 0, -1);
  await client.rpush(lane(mine.url), entry!, '{"document": "{}", "signature": "x"}', 'nonsense', '7');
  own.send('genuine', 'lane');
  own.node();
  await until(() => own.outcomes.length === 1);
  t.deepEqual(
    mine.received.map(({ id }) => id),
    ['genuine'],
  );
  t.is(own.lines.filter((line) => line.includes('nobody has signed')).length, 4);
});

test('the queue is bounded: what comes on top is dropped, and said', async (t) => {
  const { url } = await receiver(t);
  const { outbox, send, lines } = sending(t, [to(url)]);
  for (let number = 0; number < 103; number++) send(`m${number}`, 'one');
  await outbox.settled();
  t.is(lines.filter((line) => line.includes('is dropped')).length, 3);
  const { outbox: flooded, send: flood, lines: told } = sending(t, [to(url)]);
  for (let number = 0; number < 1_001; number++) flood(`m${number}`, 'two');
  t.is(told.filter((line) => line.includes('wait for Redis')).length, 1);
  await flooded.settled();
});

test('a statement of millions of characters is cut', async (t) => {
  const { url, received } = await receiver(t);
  const { node, send, outcomes } = sending(t, [to(url, { sql: true })]);
  node();
  send('long', 'it', { sql: { sql: 'x'.repeat(2_000_000) } });
  await until(() => outcomes.length === 1);
  t.true(received[0]!.body.length < 30_000);
});

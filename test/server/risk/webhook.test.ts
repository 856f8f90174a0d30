import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { Webhook, type WebhookOptions } from '../../../server/risk/webhook.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What to answer to the n-th request: a status, `hang`, or `cut`. */
type Script = (number: number) => number | 'hang' | 'cut';

async function receiver(t: ExecutionContext, script: Script): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    const answer = script(received.length);
    if (answer === 'cut') return request.socket.destroy();
    if (answer !== 'hang')
      response.writeHead(answer, { location: '/elsewhere' }).end('a secret of the receiver');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hidden`, received };
}

function webhookTo(t: ExecutionContext, url: string, options: Partial<WebhookOptions> = {}) {
  const outcomes: string[] = [];
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  const webhook = new Webhook({
    target: { url, secret: SECRET, sql: false },
    logger,
    counted: (outcome) => outcomes.push(outcome),
    pauses: [1, 1, 1],
    ...options,
  });
  t.teardown(() => webhook.close());
  return { webhook, outcomes, lines };
}

const message = (id: string, data: object = {}) =>
  ({ id, type: 'risk.alarm', timestamp: '2026-01-31T12:00:00.000Z', data }) as const;

async function until(met: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 1_200 && !met(); attempt++) await sleep(25);
  if (!met()) throw new Error('it does not come to that');
}

test('a message is signed as the Standard Webhooks specification says, tokens are masked', async (t) => {
  const { url, received } = await receiver(t, () => 204);
  const { webhook, outcomes } = webhookTo(t, url);
  webhook.send(message('s-1', { application: 'pst_0123456789abcdefghijABCDEFGH' }));
  await until(() => outcomes.length === 1);
  const [{ headers, body }] = received as [Received];
  const signed = `s-1.${headers['webhook-timestamp']}.${body}`;
  const signature = createHmac('sha256', Buffer.alloc(32, 7)).update(signed).digest('base64');
  t.is(headers['webhook-signature'], `v1,${signature}`);
  t.is(headers['webhook-id'], 's-1');
  t.true(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 60);
  t.like(JSON.parse(body), { type: 'risk.alarm', timestamp: '2026-01-31T12:00:00.000Z' });
  t.notRegex(body, /0123456789abcdef/);
  t.deepEqual(outcomes, ['delivered']);
});

test('what is not taken is tried again, under the same name', async (t) => {
  const { url, received } = await receiver(t, (number) => ([503, 'cut', 429] as const)[number - 1] ?? 200);
  const { webhook, outcomes, lines } = webhookTo(t, url);
  webhook.send(message('s-1'));
  await until(() => outcomes.length === 1);
  t.deepEqual(outcomes, ['delivered']);
  t.deepEqual(
    received.map(({ headers }) => headers['webhook-id']),
    ['s-1', 's-1', 's-1', 's-1'],
  );
  t.is(lines.filter((line) => line.includes('does not take messages')).length, 1, 'said once');
  t.is(lines.filter((line) => line.includes('takes messages again')).length, 1);
});

test('it is given up in the end, and the log has neither the path nor the answer', async (t) => {
  const { url, received } = await receiver(t, () => 500);
  const { webhook, outcomes, lines } = webhookTo(t, url);
  webhook.send(message('s-1'));
  await until(() => outcomes.length === 1);
  t.deepEqual(outcomes, ['failed']);
  t.is(received.length, 4);
  t.regex(lines.join(''), /s-1.*given up/);
  t.notRegex(lines.join(''), /hidden|secret of the receiver|whsec_/);
});

test('a redirection is not followed, and what is not wanted is not sent again', async (t) => {
  for (const status of [302, 308, 400, 401, 410]) {
    const { url, received } = await receiver(t, () => status);
    const { webhook, outcomes } = webhookTo(t, url);
    webhook.send(message('s-1'));
    await until(() => outcomes.length === 1);
    t.deepEqual([outcomes, received.length], [['failed'], 1], `${status}`);
  }
});

test('a receiver that hangs costs one attempt its time', async (t) => {
  const { url } = await receiver(t, (number) => (number === 1 ? 'hang' : 200));
  const { webhook, outcomes } = webhookTo(t, url, { timeout: 1_000 });
  webhook.send(message('s-1'));
  await until(() => outcomes.length === 1);
  t.deepEqual(outcomes, ['delivered']);
});

test('closing waits for one attempt, however many wait for theirs', async (t) => {
  const { url, received } = await receiver(t, () => 'hang');
  const { webhook, outcomes } = webhookTo(t, url, { timeout: 500 });
  for (let number = 0; number < 100; number++) webhook.send(message(`s-${number}`));
  await webhook.close();
  t.is(outcomes.filter((outcome) => outcome === 'failed').length, 100);
  t.true(received.length < 20);
});

test('there is a bound to what waits, nobody waits to send, and closing gives up what would be tried later', async (t) => {
  const { url } = await receiver(t, () => 500);
  const { webhook, outcomes } = webhookTo(t, url, { pauses: [3_600_000] });
  for (let number = 0; number < 1_500; number++) webhook.send(message(`s-${number}`));
  t.is(webhook.waiting, 1_000);
  t.is(outcomes.filter((outcome) => outcome === 'dropped').length, 500);
  await webhook.close();
  t.is(webhook.waiting, 0);
  t.is(outcomes.filter((outcome) => outcome === 'failed').length, 1_000);
  webhook.send(message('late'));
  t.is(outcomes.at(-1), 'dropped');
});

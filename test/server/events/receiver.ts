/** A receiver of webhooks as others write one: it verifies what it is sent, and drops what it had before. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';

export const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

export interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What to answer to the n-th request: a status, `hang`, `drip` (200, and a body without end), or `cut`. */
export type Script = (number: number, received: Received) => number | 'hang' | 'drip' | 'cut';

export async function receiver(t: ExecutionContext, script: Script = () => 204) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const message = { id: String(request.headers['webhook-id']), headers: request.headers, body };
    received.push(message);
    const answer = script(received.length, message);
    if (answer === 'cut') return request.socket.destroy();
    if (answer === 'hang') return;
    if (answer === 'drip') return response.writeHead(200).write('a secret of the receiver');
    response.writeHead(answer, { location: '/elsewhere' }).end('a secret of the receiver');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hidden`, received };
}

/** As the Standard Webhooks specification says, by the one secret that the receiver has. `now`: Unix ms. */
export function isGenuine({ id, headers, body }: Received, secret: string, now = Date.now()): boolean {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!(Math.abs(now / 1000 - timestamp) <= 300)) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${signature}`);
}

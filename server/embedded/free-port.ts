import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which Linux takes ports for outgoing connections (ip(7), ip_local_port_range). */
const LOWEST = 12_000;
const HIGHEST = 32_000;
const ATTEMPTS = 50;

/**
 * A TCP port that nothing on 127.0.0.1 listens on. Another process may still take it first: whoever starts a server on
 * it retries with another. A server that stops can come back on the same port, since no outgoing connection gets it.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free TCP port found between ${LOWEST} and ${HIGHEST}`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}

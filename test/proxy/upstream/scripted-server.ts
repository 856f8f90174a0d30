import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { UpstreamTarget } from '../../../proxy/ports.ts';

/** One step of a server that knows its lines: bytes to say, bytes to wait for (a count), or the end. */
export type Step = Buffer | { readonly expect: number } | 'close';

/** A server which says the same to everyone, to be wrong in ways that PostgreSQL never is. */
export class ScriptedServer implements AsyncDisposable {
  readonly #server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;

  static async start(steps: readonly Step[]): Promise<ScriptedServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server, steps);
  }

  private constructor(server: ReturnType<typeof createServer>, steps: readonly Step[]) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      void play(socket, steps);
    });
  }

  target(fields: Partial<UpstreamTarget> = {}): UpstreamTarget {
    const { port } = this;
    return {
      host: '127.0.0.1',
      port,
      database: 'd',
      user: 'u',
      password: 'p',
      tls: { mode: 'disable' },
      ...fields,
    };
  }

  /** Resolves once no client is connected any more. */
  async abandoned(): Promise<void> {
    while (this.#sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function play(socket: Socket, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step === 'close') socket.destroy();
    else if (Buffer.isBuffer(step)) socket.write(step);
    else await received(socket, step.expect);
    if (socket.destroyed) return;
  }
  socket.resume();
}

async function received(socket: Socket, count: number): Promise<void> {
  while (socket.read(count) === null && !socket.destroyed) {
    await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
  }
}

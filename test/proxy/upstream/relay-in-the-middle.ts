import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';

/** Terminates a client's TLS with a certificate of its own, and passes what is inside on to a server over its TLS. */
export class RelayInTheMiddle implements AsyncDisposable {
  readonly #server: Server;

  static async start(
    serverPort: number,
    certificate: { readonly cert: string; readonly key: string },
  ): Promise<RelayInTheMiddle> {
    const server = createServer((client) => void relay(client, serverPort, certificate));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RelayInTheMiddle(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function relay(
  client: Socket,
  serverPort: number,
  certificate: { cert: string; key: string },
): Promise<void> {
  const server = connect(serverPort, '127.0.0.1');
  server.write(serialize.requestSsl());
  await Promise.all([once(server, 'data'), once(client, 'data')]);
  client.write('S');
  const inner = new TLSSocket(client, { isServer: true, ...certificate });
  const outer = connectTls({ socket: server, rejectUnauthorized: false });
  inner.pipe(outer).pipe(inner);
  const close = (): void => {
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server, inner, outer]) socket.on('error', () => {}).on('close', close);
}

/**
 * A PostgreSQL client of bytes: sends what it is told, hands out what comes, one message at a time. It knows framing,
 * TLS and SCRAM, and nothing else, so that tests can do what no driver does.
 */
import { createConnection, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls';
import { ScramClient, type ScramFaults, type ScramMechanism } from './scram-client.ts';

export interface RawMessage {
  /** The type byte as a character. */
  readonly type: string;
  readonly body: Buffer;
}

export interface RawLogin {
  readonly user: string;
  readonly database: string;
  readonly password: string;
  /** Further startup parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A message with its type byte and length. */
export function message(type: string, ...body: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(4 + body.reduce((sum, part) => sum + part.length, 0), 1);
  return Buffer.concat([head, ...body]);
}

/** A startup packet for protocol `major.minor` (default 3.0). */
export function startupPacket(parameters: Readonly<Record<string, string>>, version = 0x30000): Buffer {
  const fields = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${fields.join('')}\0`, 'utf8');
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8);
  head.writeInt32BE(version, 4);
  return Buffer.concat([head, body]);
}

export const query = (sql: string): Buffer => message('Q', Buffer.from(`${sql}\0`, 'utf8'));

/** ms: for a machine that is busy with other tests. */
const PATIENCE = 60_000;

export class RawClient {
  #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Plain TCP. */
  static async connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = createConnection({ port, host, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Startup and SCRAM-SHA-256 as any driver does it; resolves with all messages up to ReadyForQuery, throws on an error. */
  async login(login: RawLogin): Promise<RawMessage[]> {
    this.send(startupPacket({ user: login.user, database: login.database, ...login.parameters }));
    const seen: RawMessage[] = [];
    const scram = this.scram('SCRAM-SHA-256', login.password);
    for (;;) {
      const next = await this.receive();
      if (next === null) throw new Error('closed during login');
      if (next.type === 'E') throw new Error(`login refused: ${errorText(next)}`);
      seen.push(next);
      if (next.type === 'Z') return seen;
      if (next.type === 'R') answerSasl(this, scram, next);
    }
  }

  scram(mechanism: ScramMechanism, password: string, faults: ScramFaults = {}): ScramClient {
    const certificate =
      this.#socket instanceof TLSSocket ? (this.#socket.getPeerX509Certificate()?.raw ?? null) : null;
    return new ScramClient(mechanism, password, certificate, faults);
  }

  send(...bytes: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(bytes));
  }

  /** The next message, or null when the server has closed the connection. Throws after `timeout` ms. */
  async receive(timeout = PATIENCE): Promise<RawMessage | null> {
    const whole = (): boolean =>
      this.#buffer.length >= 5 && this.#buffer.length > this.#buffer.readInt32BE(1);
    if (!(await this.#until(whole, timeout))) return null;
    const end = this.#buffer.readInt32BE(1) + 1;
    const taken = { type: String.fromCharCode(this.#buffer[0]!), body: this.#buffer.subarray(5, end) };
    this.#buffer = this.#buffer.subarray(end);
    return taken;
  }

  /** All messages up to and with the first of this type (or the close). */
  async receiveUntil(type: string, timeout = PATIENCE): Promise<RawMessage[]> {
    const seen: RawMessage[] = [];
    for (;;) {
      const next = await this.receive(timeout);
      if (next === null) return seen;
      seen.push(next);
      if (next.type === type) return seen;
    }
  }

  /** One byte without framing: the answer to SSLRequest or GSSENCRequest; null at the end of the stream. */
  async receiveByte(timeout = PATIENCE): Promise<string | null> {
    if (!(await this.#until(() => this.#buffer.length >= 1, timeout))) return null;
    const byte = String.fromCharCode(this.#buffer[0]!);
    this.#buffer = this.#buffer.subarray(1);
    return byte;
  }

  /** TLS from here on, over the same connection. Rejects if the handshake fails. Resolves with the protocol ALPN chose. */
  async startTls(options: ConnectionOptions = {}): Promise<string | null> {
    this.#socket.removeAllListeners();
    const secure = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...options });
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('error', reject);
      secure.once('close', () => reject(new Error('closed during the TLS handshake')));
    });
    secure.removeAllListeners();
    this.#socket = secure;
    this.#listen();
    return secure.alpnProtocol === false ? null : secure.alpnProtocol;
  }

  /** Drop the connection without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const ended = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
    this.#socket.on('error', ended); // a reset is a close to the one who waits
    this.#socket.on('close', ended);
    this.#socket.on('end', ended);
  }

  async #until(ready: () => boolean, timeout: number): Promise<boolean> {
    const deadline = Date.now() + timeout;
    while (!ready() && !this.#ended) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`nothing came for ${timeout} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return ready();
  }
}

/** Answers AuthenticationSASL (10) and AuthenticationSASLContinue (11), checks AuthenticationSASLFinal (12). */
export function answerSasl(client: RawClient, scram: ScramClient, request: RawMessage): void {
  const code = request.body.readInt32BE();
  const data = request.body.toString('utf8', 4);
  if (code === 10) client.send(saslInitialResponse(scram));
  else if (code === 11) client.send(message('p', Buffer.from(scram.final(data))));
  else if (code === 12) scram.verify(data);
}

export function saslInitialResponse(scram: ScramClient): Buffer {
  const first = Buffer.from(scram.first());
  const length = Buffer.alloc(4);
  length.writeInt32BE(first.length);
  return message('p', Buffer.from(`${scram.mechanism}\0`), length, first);
}

/** `SQLSTATE message` of an ErrorResponse. */
export function errorText(error: RawMessage): string {
  const fields = error.body.toString('utf8').split('\0');
  const field = (code: string): string => fields.find((text) => text.startsWith(code))?.slice(1) ?? '';
  return `${field('C')} ${field('M')}`;
}

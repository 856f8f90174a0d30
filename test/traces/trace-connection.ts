import { message, RawClient, type RawMessage, saslInitialResponse } from '../helpers/raw-client.ts';
import type { ScramClient, ScramMechanism } from '../helpers/scram-client.ts';
import { renderFrame } from './backend-text.ts';
import { CANCEL_REQUEST, encodeLine, startupFrame } from './frontend-text.ts';
import { type Line, parseLine } from './words.ts';

/** Where a trace connects, and as whom. */
export interface Login {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const CLOSED = 'closed';

/** When sending bytes one by one: how many, and the size of the pieces after that. */
const SLOWLY = 2000;
const LARGE = 9973;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One connection of a trace: lines in, lines out. It keeps what later lines need (cancel key, SCRAM state). */
export class TraceConnection {
  readonly #client: RawClient;
  readonly #login: Login;
  #ahead: string | undefined;
  #scram: ScramClient | undefined;
  #saslData = '';
  #key: Buffer | undefined;
  /** Past startup, and not closed yet. */
  live = false;

  private constructor(client: RawClient, login: Login) {
    this.#client = client;
    this.#login = login;
  }

  /** TCP only: the trace itself goes through startup. */
  static async open(login: Login): Promise<TraceConnection> {
    return new TraceConnection(await RawClient.connect(login.port), login);
  }

  /** Ready for queries: what startup says is not part of the trace. */
  static async ready(login: Login): Promise<TraceConnection> {
    const connection = await TraceConnection.open(login);
    for (const seen of await connection.#client.login(login)) connection.#note(seen);
    return connection;
  }

  /** TLS from here on; `alpn` is offered, and must then be what the server chose. Rejects if the handshake fails. */
  async startTls(alpn: string | undefined): Promise<void> {
    const chosen = await this.#client.startTls(alpn === undefined ? {} : { ALPNProtocols: [alpn] });
    if (alpn !== undefined && chosen !== alpn) throw new Error(`ALPN chose ${chosen ?? 'nothing'}`);
  }

  /** Sends lines in one write, as a pipelining client does. `keyOf` finds another connection's cancel key. */
  async send(
    lines: readonly string[],
    keyOf: (conn: string) => Buffer,
    pace: 'whole' | 'bytes',
  ): Promise<void> {
    const bytes = Buffer.concat(lines.map((text) => this.#encode(parseLine(text), keyOf)));
    if (pace === 'whole') return this.#client.send(bytes);
    for (let at = 0; at < bytes.length; ) {
      const size = at < SLOWLY ? 1 : LARGE;
      this.#client.send(bytes.subarray(at, at + size));
      at += size;
      await nextTurn();
    }
  }

  /** The next message as a line; `closed` at the end; `byte x` when a single byte is asked for. */
  async receive(kind: 'message' | 'byte' = 'message', timeout?: number): Promise<string> {
    if (kind === 'byte') {
      const byte = await this.#client.receiveByte(timeout);
      return byte === null ? CLOSED : `byte ${byte}`;
    }
    const line = this.#ahead ?? (await this.#next(timeout));
    this.#ahead = undefined;
    return line;
  }

  /** Look at the next line without taking it. */
  async peek(): Promise<string> {
    this.#ahead ??= await this.#next();
    return this.#ahead;
  }

  get key(): Buffer {
    if (this.#key === undefined) throw new Error('the connection has no cancel key');
    return this.#key;
  }

  /** Leaves as a client does, and returns what came that the trace did not expect. */
  async leave(): Promise<string[]> {
    const unexpected: string[] = [];
    if (this.live) {
      this.#client.send(message('X'));
      for (let line = await this.receive(); line !== CLOSED; line = await this.receive())
        unexpected.push(line);
    }
    this.destroy();
    return unexpected;
  }

  destroy(): void {
    this.#client.destroy();
  }

  async #next(timeout?: number): Promise<string> {
    const seen = await this.#client.receive(timeout);
    if (seen === null) {
      this.live = false;
      return CLOSED;
    }
    this.#note(seen);
    return renderFrame(seen);
  }

  #note(seen: RawMessage): void {
    if (seen.type === 'K') this.#key = Buffer.from(seen.body);
    if (seen.type === 'Z') this.live = true;
    if (seen.type !== 'R') return;
    this.#saslData = seen.body.toString('utf8', 4);
    if (seen.body.readInt32BE() === 12) this.#scram?.verify(this.#saslData);
  }

  #encode(line: Line, keyOf: (conn: string) => Buffer): Buffer {
    switch (line.type) {
      case 'SASLInitialResponse': {
        const mechanism = String(line.words[0]) as ScramMechanism;
        this.#scram = this.#client.scram(
          mechanism,
          line.options.password ?? this.#login.password,
          line.options,
        );
        return saslInitialResponse(this.#scram);
      }
      case 'SASLResponse':
        if (this.#scram === undefined) throw new Error('SASLResponse before SASLInitialResponse');
        return message('p', Buffer.from(this.#scram.final(this.#saslData)));
      case 'CancelRequest': {
        const key = Buffer.from(keyOf(line.options.of ?? ''));
        if (line.options.key === 'wrong') key[key.length - 1]! ^= 1;
        return startupFrame(CANCEL_REQUEST, key);
      }
      default:
        return encodeLine(line);
    }
  }
}

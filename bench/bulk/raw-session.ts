import { once } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { Connection } from '../targets/postern-process.ts';

/** ReadyForQuery of a session without a transaction block, whole. No text that a workload has looks like it. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const ERROR_RESPONSE = 0x45;

/** A session whose replies are counted, not read: what a client costs should not be what is measured. */
export class RawSession {
  readonly #client: pg.Client;
  readonly #socket: Socket;

  static async open(to: Connection): Promise<RawSession> {
    const client = new pg.Client({ ...to });
    client.on('error', () => {}); // told by the run that it breaks
    await client.connect();
    return new RawSession(client);
  }

  private constructor(client: pg.Client) {
    this.#client = client;
    this.#socket = (
      client as unknown as { readonly connection: { readonly stream: Socket } }
    ).connection.stream;
    this.#socket.removeAllListeners('data');
  }

  /** Runs a text; resolves with the bytes that came back. Rejects if the first of them are an error. */
  async run(sql: string): Promise<number> {
    const answered = this.#answered();
    this.#socket.write(message('Q', Buffer.from(`${sql}\0`)));
    return await answered;
  }

  /** COPY FROM STDIN of `times` times the same piece. */
  async copyIn(sql: string, piece: Buffer, times: number): Promise<void> {
    this.#socket.write(message('Q', Buffer.from(`${sql}\0`)));
    const [begun] = (await once(this.#socket, 'data')) as [Buffer];
    if (begun[0] === ERROR_RESPONSE) throw new Error(begun.toString('latin1', 5));
    const answered = this.#answered();
    const data = message('d', piece);
    for (let sent = 0; sent < times; sent++) if (!this.#socket.write(data)) await once(this.#socket, 'drain');
    this.#socket.write(COPY_DONE);
    await answered;
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    await this.#client.end().catch(() => {});
  }

  #answered(): Promise<number> {
    return new Promise((resolve, reject) => {
      let bytes = 0;
      let end: Buffer = Buffer.alloc(0);
      const fail = () => reject(new Error('the connection was closed'));
      const take = (chunk: Buffer): void => {
        if (bytes === 0 && chunk[0] === ERROR_RESPONSE) reject(new Error(chunk.toString('latin1', 5)));
        bytes += chunk.length;
        const tail = chunk.subarray(-READY.length);
        end = tail.length === READY.length ? tail : Buffer.concat([end, tail]).subarray(-READY.length);
        if (!end.equals(READY)) return;
        this.#socket.off('data', take).off('close', fail);
        resolve(bytes);
      };
      this.#socket.on('data', take).once('close', fail);
    });
  }
}

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 'latin1');
  header.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
}

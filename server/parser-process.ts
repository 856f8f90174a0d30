/**
 * A parser in a process of its own. It shares nothing with the sessions that they would have to wait for: not the garbage
 * collector's threads, not a memory map that grows and shrinks by hundreds of megabytes, not their priority.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { deserialize } from 'node:v8';
import { FRAME, FrameJoiner, frameHeader } from './parser-frames.ts';
import type { FactsFound, ParserHost, ParserListener } from './parser-host.ts';

/**
 * One thread, so that its low priority is all there is. The stack, in KB, is the one with which the parser gives up at
 * about the depth at which a server with its defaults does; the heap is in MB.
 */
const ARGUMENTS = [
  ...['--single-threaded', '--stack-size=3900', '--max-old-space-size=768'],
  join(import.meta.dirname, 'parser-child.ts'),
];

/** UTF-16 units that are encoded and sent at once: some 20 us. */
const PIECE = 64 * 1024;

export class ParserProcess implements ParserHost {
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #gone: Promise<void>;

  /** Nothing in our environment is for it, and nothing that it might print is for a log. @throws if there can be none */
  constructor(listener: ParserListener) {
    const child = spawn(process.execPath, ARGUMENTS, {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#channel = child.stdio[3] as Socket;
    child.on('error', () => {}); // `close` follows
    this.#channel.on('error', () => {});
    this.#gone = new Promise((resolve) => child.once('close', () => resolve()));
    this.#gone.then(() => listener.lost());
    this.#receive(listener);
  }

  post(sql: string): void {
    this.#send(sql).catch(() => {}); // it has ended, as the listener is told
  }

  ref(): void {
    this.#child.ref();
    this.#channel.ref();
  }

  unref(): void {
    this.#child.unref();
    this.#channel.unref();
  }

  end(): Promise<void> {
    this.ref(); // or nobody would see it go
    this.#child.kill('SIGKILL');
    return this.#gone;
  }

  async #send(sql: string): Promise<void> {
    this.#channel.write(frameHeader(FRAME.sql, Buffer.byteLength(sql)));
    for (let at = 0; at < sql.length; ) {
      const end = pieceEnd(sql, at);
      const ready = this.#channel.write(sql.slice(at, end));
      await (ready ? setImmediate() : once(this.#channel, 'drain'));
      at = end;
    }
  }

  #receive(listener: ParserListener): void {
    let json: Buffer | undefined;
    const redacted = (text: string | null) => {
      listener.read({ kind: 'redaction', text, json });
      json = undefined;
    };
    const frames = new FrameJoiner((kind, body) => {
      if (kind === FRAME.json) json = body;
      else if (kind === FRAME.nothingHidden) redacted(null);
      else if (kind === FRAME.text) redacted(body.toString('utf8'));
      else listener.read({ kind: 'facts', facts: deserialize(body) as FactsFound });
    });
    this.#channel.on('data', (chunk: Buffer) => frames.push(chunk));
  }
}

/** Not between the halves of a surrogate pair. */
function pieceEnd(sql: string, start: number): number {
  const end = Math.min(start + PIECE, sql.length);
  return end < sql.length && (sql.codePointAt(end - 1) as number) > 0xffff ? end + 1 : end;
}

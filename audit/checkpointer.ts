import type { CheckpointKey } from './checkpoint.ts';
import { addCheckpoint, checkpointLines } from './checkpoint-files.ts';
import { CheckpointCompaction } from './compact-checkpoints.ts';
import { listStreams, type StreamName, streamDirectory } from './segments.ts';
import { streamHead } from './stream-head.ts';

export interface CheckpointerOptions {
  readonly spool: string;
  /** Whose streams it signs. */
  readonly node: string;
  readonly key: CheckpointKey;
  /** From one round to the next, ms. */
  readonly every: number;
  /** Whether nobody else keeps what is signed from growing. */
  readonly compacts?: boolean;
  readonly onFault?: (error: Error) => void;
}

/** Signs how far the streams of a node have got, now and then, and at the end. */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  /** The last event that was signed, by the stream. */
  readonly #signed = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #compaction: CheckpointCompaction;
  #closing = false;
  #round: Promise<void> = Promise.resolve();

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    const { spool, key } = options;
    this.#compaction = new CheckpointCompaction({ spool, publicKey: key.publicKey });
    this.#timer = setInterval(() => this.sign(), options.every).unref();
  }

  /** Signs what has come since the last time. Never rejects: a fault is for the next round. */
  sign(): Promise<void> {
    this.#round = this.#round.then(() => this.#signAll()).catch((error) => this.#options.onFault?.(error));
    return this.#round;
  }

  /** For the last time: when nobody writes any more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing = true;
    await this.sign();
  }

  async #signAll(): Promise<void> {
    const { spool, node } = this.#options;
    for (const stream of listStreams(spool)) {
      if (stream.node !== node) continue;
      await this.#sign(stream);
      // What fails is tried again: nothing is lost by that.
      if (this.#options.compacts && !this.#closing) await this.#compaction.compact(stream).catch(() => 0);
    }
  }

  async #sign(name: StreamName): Promise<void> {
    const { spool, key } = this.#options;
    const stream = `${name.node}/${name.stream}`;
    const head = await streamHead(streamDirectory(spool, name));
    const last = this.#signed.get(stream) ?? lastSigned(checkpointLines(spool, name));
    this.#signed.set(stream, head?.seq ?? last);
    if (head === null || head.seq === last) return;
    addCheckpoint(spool, name, key.sign({ kind: 'head', stream, ...head }, new Date()));
  }
}

/** Number of the event that the last line is about; 0: there is none. */
function lastSigned(lines: readonly string[]): number {
  return Number(/"kind":"head",.*"seq":(\d{1,15}),/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
}

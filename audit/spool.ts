/**
 * audit/: what happened, so that nobody can quietly change it afterwards.
 *
 *   events.ts  the closed union          spool.ts   writing: buffer, chain, commit
 *   chain.ts   one line and its hash     reader.ts  reading, all streams merged by time
 *   verify.ts  is the trail whole?       export.ts  NDJSON and CSV
 *
 * A stream has one writer (a worker process) and a chain of its own: no lock is shared on the hot path.
 */
import { mkdirSync } from 'node:fs';
import { Batch } from './batch.ts';
import { genesis } from './chain.ts';
import type { AuditEvent } from './events.ts';
import { GroupSync } from './group-sync.ts';
import { recover } from './recover.ts';
import { SegmentWriter } from './segment-writer.ts';
import { streamDirectory } from './segments.ts';
import { StreamLock } from './stream-lock.ts';

const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Bytes of events kept while the spool cannot be written; what comes after that is dropped and counted. */
const PENDING_LIMIT = 8 * 1024 * 1024;
/** Bytes after which events are written without waiting for the commit. */
const BATCH_LIMIT = 8 * 1024 * 1024;
const RETRY_MS = 1000;
/** Events that nobody commits (the end of a statement) reach the file after this long. */
const IDLE_FLUSH_MS = 20;

export interface SpoolOptions {
  /** The spool's root; the stream gets `<directory>/<node>/<stream>`. */
  readonly directory: string;
  readonly node: string;
  readonly stream: string;
  /** `never`: a commit survives the death of the process; `commit`: also that of the machine. */
  readonly fsync: 'never' | 'commit';
  readonly segmentBytes?: number;
  /** Unix time in ms. */
  readonly clock?: () => number;
  /** Told of every failed write. */
  readonly onFault?: (error: Error) => void;
}

/** Counters since the spool was opened, for metrics. */
export interface SpoolStats {
  readonly events: number;
  readonly bytes: number;
  readonly commits: number;
  readonly failures: number;
  readonly droppedBytes: number;
  readonly segment: number;
}

/** The write-ahead spool of one stream: `AuditTrail` of proxy/ports.ts. */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #clock: () => number;
  readonly #lock: StreamLock;
  readonly #writer: SegmentWriter;
  readonly #disk = new GroupSync();
  readonly #batch: Batch;
  #state: 'writable' | 'failing' | 'closed' = 'writable';
  #retry: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;
  #lostBytes = 0;
  #lastMs = -1;
  #place = Buffer.alloc(0);
  readonly #counts = { events: 0, bytes: 0, commits: 0, failures: 0, droppedBytes: 0 };

  /**
   * Takes the stream's lock, finds its end and goes on from there.
   * @throws Error when another process writes to the stream, or the directory cannot be read or written
   */
  static open(options: SpoolOptions): Spool {
    const directory = streamDirectory(options.directory, options);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = new StreamLock(directory);
    lock.acquire();
    try {
      return new Spool(options, directory, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(options: SpoolOptions, directory: string, lock: StreamLock) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#lock = lock;
    const { head, segment, size, droppedBytes, broken } = recover(
      directory,
      genesis(options.node, options.stream),
    );
    this.#batch = new Batch(head);
    const writer = {
      directory,
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
      durable: options.fsync === 'commit',
      beforeCreate: () => lock.acquire(),
    };
    this.#writer = new SegmentWriter(writer, segment, size);
    if (droppedBytes > 0 || broken !== null) this.append({ type: 'spool.recovered', droppedBytes, broken });
    this.#writePending();
  }

  /** False while the spool can't be written: statements are then refused. */
  get writable(): boolean {
    return this.#state === 'writable';
  }

  get stats(): SpoolStats {
    return { ...this.#counts, segment: this.#writer.segment };
  }

  /**
   * Buffer an event; it survives the death of this process only after the next commit.
   * @throws TypeError for what is not in the union
   */
  append(event: AuditEvent): void {
    const bytes = this.#batch.draft(event, this.#atNode());
    if (this.#state !== 'writable' && this.#batch.length > PENDING_LIMIT) {
      this.#batch.discardDraft();
      this.#lostBytes += bytes;
      this.#counts.droppedBytes += bytes;
      return;
    }
    this.#batch.seal();
    this.#counts.events += 1;
    if (this.#batch.length > BATCH_LIMIT && this.#state === 'writable') this.#write();
    this.#idle ??= setTimeout(() => this.#flushIdle(), IDLE_FLUSH_MS).unref();
  }

  /**
   * Write what is buffered with one system call. True: it is in the spool; false: it could not be written, is kept
   * and tried again every second. With fsync `commit` a Promise, resolved once it is on disk.
   */
  commit(): boolean | Promise<boolean> {
    if (this.#state !== 'writable' || !this.#write()) return false;
    this.#counts.commits += 1;
    return this.#options.fsync === 'commit' ? this.#sync() : true;
  }

  /** Write what is left and give the stream free. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#write() && this.#options.fsync === 'commit') await this.#sync();
    this.#state = 'closed';
    clearTimeout(this.#idle ?? undefined);
    clearTimeout(this.#retry ?? undefined);
    this.#writer.abandon();
    this.#lock.release();
  }

  /** When, in ISO 8601, and where; made once a millisecond. */
  #atNode(): Uint8Array {
    const ms = this.#clock();
    if (ms !== this.#lastMs) {
      this.#lastMs = ms;
      this.#place = Buffer.from(`"at":"${new Date(ms).toISOString()}","node":"${this.#options.node}",`);
    }
    return this.#place;
  }

  /** Also with nothing to write: that finds out whether it could. */
  #write(): boolean {
    try {
      this.#writePending();
      return true;
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
  }

  #writePending(): void {
    const { bytes } = this.#batch;
    this.#writer.write(bytes);
    this.#counts.bytes += bytes.length;
    this.#batch.clear();
  }

  async #sync(): Promise<boolean> {
    const written = this.#disk.sync(() => this.#writer.fd);
    this.#writer.hold(written);
    if (await written) return true;
    // After a failed fsync the kernel may have dropped the pages: the descriptor tells nothing any more.
    this.#writer.abandon();
    this.#fail(new Error('fdatasync of the audit spool failed'));
    return false;
  }

  #fail(error: Error): void {
    this.#counts.failures += 1;
    if (this.#state === 'writable') this.#state = 'failing';
    this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
    this.#options.onFault?.(error);
  }

  #tryAgain(): void {
    this.#retry = null;
    if (!this.#write()) return;
    this.#state = 'writable';
    if (this.#lostBytes > 0) this.#recordLoss();
    if (this.#options.fsync === 'commit') void this.#sync();
  }

  #recordLoss(): void {
    const droppedBytes = this.#lostBytes;
    this.#lostBytes = 0;
    this.append({ type: 'spool.recovered', droppedBytes, broken: null });
    this.#write();
  }

  #flushIdle(): void {
    this.#idle = null;
    if (this.#state === 'writable') this.#write();
  }
}

import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { listSegments, segmentName } from './segments.ts';

export interface WriterOptions {
  readonly directory: string;
  /** A segment that has reached this many bytes is closed before the next write. */
  readonly segmentBytes: number;
  /** fdatasync each segment before it is left, fsync the directory after each new file. */
  readonly durable: boolean;
  /** Called before a new segment is created; throws when the stream is no longer ours. */
  readonly beforeCreate: () => void;
}

/**
 * Appends whole batches to a stream's segments. A batch is in the file as a whole or, after a throw, not at all:
 * a short write is cut back to the last good offset before anything else is written behind it.
 */
/** Between looks at the file: whether someone else removed, cut or wrote to it. */
const LOOK_MS = 10;

export class SegmentWriter {
  readonly #options: WriterOptions;
  #number: number;
  #size: number;
  #fd: number | null = null;
  /** There is a segment to go on in that has not been opened yet. */
  #resume: boolean;
  #torn = false;
  /** Unix time in ms of the last look at the file. */
  #checkedAt = 0;
  #inUse: Promise<unknown> = Promise.resolve();

  /** `number`: the last segment there is (0: none); `size`: its length, or null to leave it alone and start the next. */
  constructor(options: WriterOptions, number: number, size: number | null) {
    this.#options = options;
    this.#number = number;
    this.#size = size ?? 0;
    this.#resume = number > 0 && size !== null;
  }

  get segment(): number {
    return this.#number;
  }

  /** The file descriptor of the current segment, for fdatasync; null before the first write. */
  get fd(): number | null {
    return this.#fd;
  }

  /** The descriptor stays open, whatever happens, until `use` has settled. */
  hold(use: Promise<unknown>): void {
    this.#inUse = use;
  }

  /** @throws the system's error (ENOSPC, EIO, EROFS, ENOENT ...); nothing of the batch is then in the spool */
  write(batch: Uint8Array): void {
    const full = this.#size >= this.#options.segmentBytes && batch.length > 0;
    const fd = full && this.#fd !== null ? this.#rotate() : this.#ready();
    try {
      for (let done = 0; done < batch.length; ) done += writeSync(fd, batch, done);
      this.#size += batch.length;
    } catch (error) {
      this.#torn = true;
      this.#repair(fd);
      throw error;
    }
  }

  /** Let go of the current segment without another look at it. */
  abandon(): void {
    const fd = this.#fd;
    this.#fd = null;
    this.#torn = false;
    this.#resume = false;
    if (fd !== null) void this.#inUse.finally(() => closeSync(fd)).catch(() => {});
  }

  #rotate(): number {
    if (this.#options.durable && this.#fd !== null) fdatasyncSync(this.#fd);
    this.abandon();
    return this.#create();
  }

  #ready(): number {
    if (this.#fd === null && this.#resume) this.#reopen();
    if (this.#fd !== null) {
      if (this.#torn) this.#repair(this.#fd, true);
      if (!this.#isAsLeft(this.#fd)) this.abandon();
    }
    return this.#fd ?? this.#create();
  }

  /**
   * False when the file was removed, cut or written to by someone else: nothing may be glued to what stands there.
   * The look costs more than the write itself, so it is taken once a millisecond.
   */
  #isAsLeft(fd: number): boolean {
    const now = Date.now();
    if (now - this.#checkedAt < LOOK_MS) return true;
    this.#checkedAt = now;
    const { nlink, size } = fstatSync(fd);
    return nlink > 0 && size === this.#size;
  }

  #repair(fd: number, must = false): void {
    try {
      ftruncateSync(fd, this.#size);
      this.#torn = false;
    } catch (error) {
      if (must) throw error;
    }
  }

  #reopen(): void {
    try {
      const path = join(this.#options.directory, segmentName(this.#number));
      this.#fd = openSync(path, constants.O_WRONLY | constants.O_APPEND);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    this.#resume = false;
  }

  #create(): number {
    this.#options.beforeCreate();
    const number = Math.max(this.#number, listSegments(this.#options.directory).at(-1) ?? 0) + 1;
    const fd = openSync(join(this.#options.directory, segmentName(number)), 'ax', 0o600);
    this.#fd = fd;
    this.#number = number;
    this.#size = 0;
    if (this.#options.durable) syncDirectory(this.#options.directory);
    return fd;
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

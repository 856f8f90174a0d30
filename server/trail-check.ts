/** Checks a node's spool, and the store of all nodes, in a thread of its own, one check at a time, and remembers the last. */
import { Worker } from 'node:worker_threads';
import type { StreamReport } from '../audit/chain-check.ts';
import type { StoreConfig } from './config-audit.ts';

export interface CheckOrder {
  /** Directory of the spool. */
  readonly spool: string;
  /** null: there is none. */
  readonly store: StoreConfig | null;
  /** PEM of the public keys that may have signed how far streams had got, and what was pruned. */
  readonly keys: readonly string[];
}

export interface TrailCheckOptions extends CheckOrder {
  /** Told of each check that has ended. */
  readonly ended: (outcome: CheckDone) => Promise<void>;
}

export interface CheckDone {
  readonly kind: 'done';
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly by: string;
  readonly ok: boolean;
  readonly events: number;
  readonly streams: readonly StreamReport[];
}

export type CheckState =
  | { readonly kind: 'never' }
  | { readonly kind: 'running'; readonly startedAt: string; readonly by: string; readonly done: number }
  | CheckDone
  | {
      readonly kind: 'failed';
      readonly startedAt: string;
      readonly endedAt: string;
      readonly by: string;
      readonly message: string;
    };

/** What the thread says. */
export type CheckNews =
  /** About which share of the events has been read, in [0, 1]. */
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'done'; readonly streams: readonly StreamReport[] };

const ENTRY = new URL('./trail-check-worker.ts', import.meta.url);

export class TrailCheck {
  readonly #options: TrailCheckOptions;
  #state: CheckState = { kind: 'never' };
  #worker: Worker | null = null;

  constructor(options: TrailCheckOptions) {
    this.#options = options;
  }

  get state(): CheckState {
    return this.#state;
  }

  /** False: one is running. */
  start(by: string): boolean {
    if (this.#state.kind === 'running') return false;
    const startedAt = now();
    const { spool, store, keys } = this.#options;
    const worker = new Worker(ENTRY, { workerData: { spool, store, keys } satisfies CheckOrder });
    this.#worker = worker;
    this.#state = { kind: 'running', startedAt, by, done: 0 };
    const failed = (message: string): void => {
      if (this.#state.kind === 'running')
        this.#state = { kind: 'failed', startedAt, endedAt: now(), by, message };
    };
    worker.on('message', (news: CheckNews) => {
      if (news.kind === 'progress') this.#state = { kind: 'running', startedAt, by, done: news.done };
      else this.#done({ startedAt, by }, news.streams, failed);
    });
    worker.on('error', (fault: Error) => failed(fault.message));
    worker.on('exit', () => failed('the check was ended'));
    return true;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #done(
    begun: { readonly startedAt: string; readonly by: string },
    streams: readonly StreamReport[],
    failed: (message: string) => void,
  ): void {
    const ok = streams.every(({ breaks }) => breaks === 0);
    const events = streams.reduce((sum, each) => sum + each.events, 0);
    const outcome = { kind: 'done', ...begun, endedAt: now(), ok, events, streams } as const;
    this.#options.ended(outcome).then(
      () => {
        this.#state = outcome;
      },
      (fault: Error) => failed(fault.message),
    );
  }
}

const now = (): string => new Date().toISOString();

/** What the primary and its workers tell each other. */
import type { Worker } from 'node:cluster';
import type { Config } from './config.ts';
import type { AnnouncedChange } from './guard.ts';

export type WorkerQuestion =
  | { readonly kind: 'start'; readonly stream: string; readonly config: Config }
  | { readonly kind: 'ready?' }
  | { readonly kind: 'catalog-changed'; readonly change: AnnouncedChange }
  | { readonly kind: 'announced'; readonly number: number }
  | { readonly kind: 'worker-died'; readonly pid: number }
  | { readonly kind: 'stop' };

export type WorkerAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'readiness'; readonly checks: Readonly<Record<string, boolean>> }
  | { readonly kind: 'noted' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };

interface Envelope<T> {
  readonly postern: number;
  readonly content: T;
}

/** Numbers no question: the worker listens now. What is sent to it earlier may be lost. */
const GREETING = 0;
/** Numbers no question either: a session of the worker changes the catalog of a database. */
const CATALOG_CHANGED = -1;
let lastQuestion = GREETING;

interface Announcement {
  readonly number: number;
  readonly change: AnnouncedChange;
}
/** In a worker: its announcements that not all others have taken note of. */
const announcements = new Map<number, () => void>();
let lastAnnouncement = 0;
/** A worker that takes longer is not waited for, ms. */
const ANNOUNCING = 1_000;

/** Resolves when a new worker takes questions. Rejects if it dies before. */
export function greeted(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('exit', () => reject(new Error('the worker died at its start')));
    worker.once('message', () => resolve());
  });
}

/** Rejects if the worker dies, or answers that it failed. */
export function askWorker(worker: Worker, question: WorkerQuestion): Promise<WorkerAnswer> {
  const number = ++lastQuestion;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', received);
      worker.off('exit', died);
    };
    const died = (): void => {
      settle();
      reject(new Error('the worker died'));
    };
    const received = (message: unknown): void => {
      if (!isEnvelope<WorkerAnswer>(message) || message.postern !== number) return;
      settle();
      if (message.content.kind === 'failed') reject(new Error(message.content.message));
      else resolve(message.content);
    };
    worker.on('message', received);
    worker.on('exit', died);
    // Without a callback, a worker that is just dying would make an 'error' that ends the primary.
    worker.send({ postern: number, content: question }, (fault) => {
      if (fault !== null) died();
    });
  });
}

/** Be told of what sessions of the worker change in the catalogs of databases; `tell` resolves when the others know. */
export function onCatalogChanged(worker: Worker, tell: (change: AnnouncedChange) => Promise<unknown>): void {
  worker.on('message', (message: unknown) => {
    if (!isEnvelope<Announcement>(message) || message.postern !== CATALOG_CHANGED) return;
    const { number, change } = message.content;
    tell(change)
      .then(() => askWorker(worker, { kind: 'announced', number }))
      .catch(() => {});
  });
}

/** In a worker: resolves when the other workers know. */
export function announceCatalogChanged(change: AnnouncedChange): Promise<void> {
  const number = ++lastAnnouncement;
  const { promise, resolve } = Promise.withResolvers<void>();
  announcements.set(number, resolve);
  setTimeout(announced, ANNOUNCING, number).unref();
  process.send?.({ postern: CATALOG_CHANGED, content: { number, change } satisfies Announcement });
  return promise;
}

export function announced(number: number): void {
  announcements.get(number)?.();
  announcements.delete(number);
}

/** In a worker: answer the primary's questions, one after another as they come. */
export function answerPrimary(answer: (question: WorkerQuestion) => Promise<WorkerAnswer>): void {
  process.on('message', (message: unknown) => {
    if (!isEnvelope<WorkerQuestion>(message)) return;
    answer(message.content)
      .catch(
        (fault: unknown): WorkerAnswer => ({
          kind: 'failed',
          message: fault instanceof Error ? fault.message : String(fault),
        }),
      )
      .then((content) => process.send?.({ postern: message.postern, content }));
  });
  process.send?.({ postern: GREETING });
}

function isEnvelope<T>(message: unknown): message is Envelope<T> {
  return typeof message === 'object' && message !== null && 'postern' in message;
}

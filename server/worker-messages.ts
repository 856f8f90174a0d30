/** What the primary and its workers tell each other. */
import type { Worker } from 'node:cluster';
import type { Config } from './config.ts';

export type WorkerQuestion =
  | { readonly kind: 'start'; readonly stream: string; readonly config: Config }
  | { readonly kind: 'ready?' }
  | { readonly kind: 'catalog-changed'; readonly database: string }
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
/** Numbers no question either: the catalog of a database was changed by a session of the worker. */
const CATALOG_CHANGED = -1;
let lastQuestion = GREETING;

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

/** Be told of databases whose catalog a session of the worker has changed. */
export function onCatalogChanged(worker: Worker, listener: (database: string) => void): void {
  worker.on('message', (message: unknown) => {
    if (isEnvelope<string>(message) && message.postern === CATALOG_CHANGED) listener(message.content);
  });
}

/** In a worker. */
export function announceCatalogChanged(database: string): void {
  process.send?.({ postern: CATALOG_CHANGED, content: database });
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

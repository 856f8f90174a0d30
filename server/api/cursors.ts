import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Page } from '../../audit/trail-source.ts';
import { invalid } from './api-route.ts';

/** What a page is of: who asks, by which route, and the query without `cursor` and `limit`. */
export type PageQuestion = readonly [principal: string, operationId: string, query: object];

const SIGNATURE_BYTES = 16;

/**
 * Cursors as clients have them: the trail's own, with a signature that binds it to the question, so that none can be made
 * up, or used for something else. The same on all nodes.
 */
export class Cursors {
  readonly #key: Uint8Array;

  constructor(signingKey: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', signingKey, '', 'postern page cursor', 32));
  }

  /** Asks for the page; its `next` is for clients. Rejects with an HttpFault for a cursor that is not of this question. */
  async page<T>(
    question: PageQuestion,
    given: string | undefined,
    ask: (at: { readonly cursor?: string }) => Promise<Page<T>>,
  ): Promise<Page<T>> {
    const { items, next } = await ask(given === undefined ? {} : { cursor: this.#open(question, given) });
    return { items, next: next === null ? null : this.#seal(question, next) };
  }

  #seal(question: PageQuestion, cursor: string): string {
    return Buffer.concat([this.#sign(question, cursor), Buffer.from(cursor)]).toString('base64url');
  }

  #open(question: PageQuestion, given: string): string {
    const bytes = Buffer.from(given, 'base64url');
    const cursor = bytes.toString('utf8', SIGNATURE_BYTES);
    const signature = bytes.subarray(0, SIGNATURE_BYTES);
    const expected = this.#sign(question, cursor);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
      throw invalid('cursor: is not of a page with this question');
    return cursor;
  }

  #sign(question: PageQuestion, cursor: string): Buffer {
    const text = JSON.stringify([...question, cursor]);
    return createHmac('sha256', this.#key).update(text).digest().subarray(0, SIGNATURE_BYTES);
  }
}

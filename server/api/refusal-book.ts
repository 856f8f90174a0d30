import type { AuditTrail } from '../../proxy/ports.ts';
import { HttpFault } from '../http-server.ts';
import { type Caller, clientOf } from './caller.ts';

export interface RefusedCall {
  readonly caller: Caller;
  /** Method and pattern. */
  readonly route: string;
  /** null: not proven. */
  readonly principal: string | null;
}

export interface RefusalBookParts {
  readonly trail: AuditTrail;
  readonly refused: (cause: string) => void;
  /** Counts a refusal of that address on all nodes: 0, or the ms until the next is told. */
  readonly pace: (address: string) => Promise<number>;
}

/** Tells the trail who was refused what, before they know. */
export class RefusalBook {
  readonly #parts: RefusalBookParts;

  constructor(parts: RefusalBookParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with what to throw. An address that is refused all the time is told to slow down instead, and the trail is
   * not filled with it: the metric counts on.
   */
  async refuse(
    { caller, route, principal }: RefusedCall,
    cause: string,
    fault: HttpFault,
  ): Promise<HttpFault> {
    const { trail, refused, pace } = this.#parts;
    refused(cause);
    const wait = await pace(caller.address).catch(() => 0);
    if (wait > 0) return slowDown('too many requests from there were refused', wait);
    trail.append({
      type: 'api.refused',
      principal,
      route,
      client: clientOf(caller),
      application: caller.application,
      cause,
      message: fault.message,
    });
    await trail.commit();
    return fault;
  }
}

export const slowDown = (message: string, wait: number): HttpFault =>
  new HttpFault(
    429,
    { code: 'rate-limit', message, hint: 'Try again after the seconds that Retry-After says.' },
    wait,
  );

export const unauthorized = (message: string, hint: string): HttpFault =>
  new HttpFault(401, { code: 'unauthorized', message, hint });

export const forbidden = (message: string, hint: string): HttpFault =>
  new HttpFault(403, { code: 'forbidden', message, hint });

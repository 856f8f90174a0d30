/**
 * Who may ask a model: the holder of a live grant that allows it. A request is one login and one session of the grant, with
 * all of its limits, and ends where a session would.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AccessHandle } from '../../access/access.ts';
import type { Grant } from '../../access/grant.ts';
import type { SessionRef } from '../../audit/events.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import type { Admission, AuditTrail, GrantTicket, Refusal } from '../../proxy/ports.ts';
import { mockVerifier } from '../../proxy/wire/mock-verifier.ts';
import type { HttpFault } from '../http-server.ts';
import { bearerOf, provesToken } from './bearer.ts';
import { type Caller, callerOf } from './caller.ts';
import * as refusals from './refusals.ts';

export interface ApiDoorParts {
  readonly handle: Pick<AccessHandle, 'access' | 'rate'>;
  readonly trail: AuditTrail;
  /** Makes grants that don't exist look like others; the same on all nodes. */
  readonly mockSecret: Uint8Array;
  /** Requests of one grant, on all nodes. */
  readonly perMinute: number;
  readonly refused: (cause: string) => void;
}

/** Somebody who has proven a token. */
export interface Holder {
  readonly ticket: GrantTicket;
  readonly grant: Grant;
  readonly caller: Caller;
}

/** A request that was let in. */
export interface ApiSession {
  readonly ref: SessionRef;
  readonly grant: Grant;
  readonly application: string | null;
  /** What to answer when the grant has ended; null: it has not. */
  ended(): HttpFault | null;
  /** `refund`: it came to nothing, and the login was none. */
  leave(refund: boolean): Promise<void>;
}

/** Tokens that are being proven at one time; each takes a thread of the pool some milliseconds. */
const MOST_PROVING = 32;

export class ApiDoor {
  readonly #parts: ApiDoorParts;
  #proving = 0;

  constructor(parts: ApiDoorParts) {
    this.#parts = parts;
  }

  /** Rejects with an HttpFault. Costs no login. */
  async prove(request: IncomingMessage): Promise<Holder> {
    const caller = callerOf(request);
    const bearer = bearerOf(request);
    if (bearer === null) throw await this.#refuse(caller, null, refusals.tokenRefused(false));
    if (this.#proving >= MOST_PROVING) throw refusals.notNow('too many tokens are being checked');
    this.#proving++;
    try {
      return await this.#prove(bearer, caller);
    } finally {
      this.#proving--;
    }
  }

  /** Redeems a login and a statement. Rejects with an HttpFault. */
  async admit({ ticket, grant, caller }: Holder, model: string): Promise<ApiSession> {
    const { handle, trail, perMinute } = this.#parts;
    if (!new CompiledScope(grant.scope, ['score']).coversPlain('score', model))
      throw await this.#refuse(caller, grant, refusals.notGranted(grant.id, model));
    if (!trail.writable) throw refusals.notNow('the audit trail cannot be written');
    const wait = await handle.rate.take(grant.id, perMinute).catch(() => null);
    if (wait === null) throw refusals.notNow('the grant store is out of reach');
    if (wait > 0) throw await this.#refuse(caller, grant, refusals.paced(grant.id, perMinute, wait));
    const session = randomBytes(8).toString('hex');
    const { database } = grant;
    const facts = { session, grant: grant.id, database, ...caller };
    let ended: Refusal | null = null;
    const admission = await handle.access.admit(ticket, facts, (cause, error) => {
      ended = { cause, error };
    });
    if (isRefusal(admission)) throw await this.#refuseFor(caller, grant, admission);
    if (!(await admission.budget.spendStatements(1))) {
      await admission.release(true);
      throw await this.#refuse(caller, grant, refusals.statementsSpent(grant.id));
    }
    const client = `${caller.address}:${caller.port}`;
    const ref = { session, grant: grant.id, principal: grant.principal.id, database, client };
    return {
      ref,
      grant,
      application: caller.application,
      ended: () => faultOf(admission, ended),
      leave: (refund) => admission.release(refund),
    };
  }

  async #prove({ grant: id, token }: { grant: string; token: string }, caller: Caller): Promise<Holder> {
    const { handle, mockSecret } = this.#parts;
    const found = await handle.access.find(id);
    if (found !== null && isRefusal(found)) throw await this.#refuseFor(caller, { id }, found);
    const verifier = found?.verifier ?? mockVerifier(mockSecret, id, { iterations: 4096, saltLength: 16 });
    const proven = await provesToken(token, verifier);
    if (!proven || found === null)
      throw await this.#refuse(caller, { id }, refusals.tokenRefused(found !== null));
    return { ticket: found, grant: handle.access.grantOf(found), caller };
  }

  #refuseFor(caller: Caller, grant: Pick<Grant, 'id'> & Partial<Grant>, { cause, error }: Refusal) {
    return this.#refuse(caller, grant, refusals.accessRefused(cause, error));
  }

  /** INVARIANT: it is in the trail before its client knows. */
  async #refuse(
    { address, port, application }: Caller,
    grant: (Pick<Grant, 'id'> & Partial<Grant>) | null,
    { cause, sqlstate, fault }: refusals.ApiRefusal,
  ) {
    const { trail, refused } = this.#parts;
    refused(cause);
    trail.append({
      type: 'login.refused',
      grant: grant?.id ?? null,
      database: grant?.database ?? null,
      client: `${address}:${port}`,
      application,
      sqlstate,
      cause,
      message: fault.message,
    });
    await trail.commit();
    return fault;
  }
}

function faultOf(admission: Admission, ended: Refusal | null): HttpFault | null {
  if (admission.live()) return null;
  const { cause, error } = ended ?? GONE;
  return refusals.accessRefused(cause, error).fault;
}

const GONE: Refusal = {
  cause: 'expired',
  error: { sqlstate: '57P01', message: 'the grant has ended', hint: 'Ask for a new grant.' },
};

const isRefusal = (value: object): value is Refusal => 'cause' in value;

import type { ScramVerifier } from '../../proxy/ports.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { GrantStore, RecordEvent } from '../grant-store.ts';
import { REQUESTS_KEY, type RedisClient, requestKey, whenReady } from '../redis.ts';
import { formatScramVerifier, parseScramVerifier } from '../scram-verifier.ts';
import { REPLACE } from '../scripts.ts';
import type { Signer } from '../signing.ts';
import { GRANT_ID } from '../token.ts';
import { type AccessRequest, asOf } from './access-request.ts';
import { requestEvent } from './request-events.ts';

/** How long requests are kept after they were asked, ms. */
const HISTORY = 90 * 24 * 60 * 60 * 1000;

/** ms after its approval within which a request's grant is made. */
const LATEST_GRANT = 60_000;

/** What is stored under a request's id is not what was signed for that id. */
export class TamperedRequestError extends Error {
  override name = 'TamperedRequestError';
}

interface Stored {
  readonly request: AccessRequest;
  readonly verifier: string;
}

interface Found {
  readonly stored: Stored;
  readonly signature: string;
}

/**
 * Access requests in Redis, signed as grants are, and kept after they are decided. The requester's token is made where
 * it is used: here is only its verifier, which becomes the grant's.
 */
export class RequestStore {
  readonly #redis: RedisClient;
  readonly #signer: Signer;
  readonly #grants: GrantStore;
  readonly #record: RecordEvent;
  readonly #now: () => number;

  constructor(
    redis: RedisClient,
    signer: Signer,
    {
      grants,
      record,
      now = Date.now,
    }: { readonly grants: GrantStore; readonly record: RecordEvent; readonly now?: () => number },
  ) {
    this.#redis = redis;
    this.#signer = signer;
    this.#grants = grants;
    this.#record = record;
    this.#now = now;
  }

  /** Records and keeps a request; if it is approved already, makes its grant. */
  async submit(request: AccessRequest, verifier: ScramVerifier): Promise<AccessRequest> {
    await this.#record(requestEvent(request, null));
    const stored = { request, verifier: formatScramVerifier(verifier) };
    await whenReady(this.#redis);
    await this.#redis.zremrangebyscore(REQUESTS_KEY, '-inf', this.#now() - HISTORY);
    await this.#redis.zadd(REQUESTS_KEY, Date.parse(request.askedAt), request.id);
    if (!(await this.#replace('', stored))) throw new Error(`request id ${request.id} is taken; try again`);
    await this.#fulfil(stored);
    return request;
  }

  /** As it is now; null if there is none. Throws TamperedRequestError. */
  async get(id: string): Promise<AccessRequest | null> {
    const found = await this.#read(id);
    return found === null ? null : asOf(found.stored.request, this.#now());
  }

  /**
   * As `get`, but an approved one has its grant: whoever approved it may have been cut off before that was made. Throws
   * TamperedRequestError.
   */
  async getFulfilled(id: string): Promise<AccessRequest | null> {
    const found = await this.#read(id);
    if (found === null) return null;
    const { request } = found.stored;
    if (request.state.kind === 'approved' && !(await this.#hasGrant(request.state)))
      await this.#fulfil(found.stored).catch(async (fault: unknown) => {
        if (request.state.kind !== 'approved' || !(await this.#hasGrant(request.state))) throw fault;
      }); // else somebody was faster
    return asOf(request, this.#now());
  }

  /** Newest first, and the ids of those that were tampered with. */
  async list(): Promise<{
    readonly requests: readonly AccessRequest[];
    readonly tampered: readonly string[];
  }> {
    await whenReady(this.#redis);
    const ids = await this.#redis.zrevrange(REQUESTS_KEY, 0, -1);
    const results = await Promise.allSettled(ids.map((id) => this.get(id)));
    const requests: AccessRequest[] = [];
    const tampered: string[] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') {
        if (result.value !== null) requests.push(result.value);
      } else if (result.reason instanceof TamperedRequestError) tampered.push(ids[index]!);
      else throw result.reason;
    }
    return { requests, tampered };
  }

  /**
   * Makes of the request what `change` makes of it, and its grant if it is approved by that. Asked again if somebody else
   * was faster; null if there is no such request. Throws what `change` throws.
   */
  async change(
    id: string,
    by: string,
    change: (request: AccessRequest) => AccessRequest,
  ): Promise<AccessRequest | null> {
    for (;;) {
      const found = await this.#read(id);
      if (found === null) return null;
      const request = change(found.stored.request);
      const stored = { ...found.stored, request };
      if (!(await this.#replace(found.signature, stored))) continue;
      await this.#recordOrUndo(found, stored, by);
      await this.#fulfil(stored);
      return request;
    }
  }

  /** INVARIANT: the trail tells of a step only if it was taken, and one that it can't tell of is taken back. */
  async #recordOrUndo({ stored }: Found, changed: Stored, by: string): Promise<void> {
    try {
      await this.#record(requestEvent(changed.request, by));
    } catch (fault) {
      await this.#replace(this.#signer.sign('request', canonicalJson(changed)), stored);
      throw fault;
    }
  }

  /**
   * INVARIANT: a grant comes late by a minute at most, so that whoever takes the traces of a revoked one out of Redis does
   * not bring it back.
   */
  async #hasGrant({ at, grant }: Extract<AccessRequest['state'], { kind: 'approved' }>): Promise<boolean> {
    return this.#now() - Date.parse(at) > LATEST_GRANT || (await this.#grants.getPast(grant)) !== null;
  }

  /** The clock of the grant starts with its approval. An id is granted once: what was revoked does not come again. */
  async #fulfil({ request, verifier }: Stored): Promise<void> {
    const { state, principal } = request;
    if (state.kind !== 'approved') return;
    const parsed = parseScramVerifier(verifier);
    if (parsed === null) throw new TamperedRequestError(request.id);
    const { scope, limits, ttl } = state.terms;
    const approvedBy = state.approvals.map(({ by }) => by);
    const { id, teams, actsFor } = principal;
    await this.#grants.issue(
      {
        ...{ scope, limits, approvedBy },
        principal: { id, teams, ...(actsFor !== undefined && { actsFor }) },
        ...{ database: request.database, reason: request.reason, ticket: request.ticket },
      },
      { id: state.grant, issuedAt: Date.parse(state.at), ttl, verifier: parsed },
      approvedBy.length > 0 ? approvedBy.join(', ') : `policy ${request.revision}: ${request.rule}`,
    );
  }

  async #read(id: string): Promise<Found | null> {
    if (!GRANT_ID.test(id)) return null;
    await whenReady(this.#redis);
    const [document, signature] = await this.#redis.hmget(requestKey(id), 'document', 'signature');
    if (document == null && signature == null) return null;
    if (document == null || signature == null || !this.#signer.verify('request', document, signature))
      throw new TamperedRequestError(id);
    const stored = JSON.parse(document) as Stored; // signed by us: it is what we wrote
    if (stored.request.id !== id) throw new TamperedRequestError(id);
    return { stored, signature };
  }

  async #replace(before: string, stored: Stored): Promise<boolean> {
    const document = canonicalJson(stored);
    const keys = [requestKey(stored.request.id)];
    const until = Date.parse(stored.request.askedAt) + HISTORY;
    const args = [before, document, this.#signer.sign('request', document), until];
    return (await REPLACE.run(this.#redis, { keys, args })) === 1;
  }
}

import type { ScramVerifier } from '../../proxy/ports.ts';
import { type GrantStore, MAX_TTL, MIN_TTL, type RecordEvent } from '../grant-store.ts';
import { askedKey, OPEN_REQUESTS_KEY, REQUESTS_KEY, type RedisClient, whenReady } from '../redis.ts';
import { formatScramVerifier } from '../scram-verifier.ts';
import type { Signer } from '../signing.ts';
import { GRANT_ID } from '../token.ts';
import { type AccessRequest, asOf } from './access-request.ts';
import { reviewDue } from './aftercare.ts';
import { checkStands, fulfil, isFulfilled } from './fulfilment.ts';
import {
  type FoundRequest,
  HISTORY,
  RequestDocuments,
  type StoredRequest,
  TamperedRequestError,
} from './request-documents.ts';
import { requestEvents } from './request-events.ts';

/** Requests read at a time. */
const AT_ONCE = 200;

/** Which of them; what is left out does not matter. */
export interface RequestFilter {
  /** Asked at this time or later, Unix ms. */
  readonly since?: number;
  readonly principal?: string;
  readonly state?: AccessRequest['state']['kind'];
  /** Emergencies that nobody has reviewed yet. */
  readonly toReview?: boolean;
}

export interface RequestList {
  readonly requests: readonly AccessRequest[];
  /** Ids of those that were tampered with. */
  readonly tampered: readonly string[];
}

/**
 * Access requests in Redis, signed as grants are, and kept after they are decided. The requester's token is made where
 * it is used: here is only its verifier, which becomes the grant's.
 */
export class RequestStore {
  readonly #redis: RedisClient;
  readonly #documents: RequestDocuments;
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
    this.#documents = new RequestDocuments(redis, signer);
    this.#grants = grants;
    this.#record = record;
    this.#now = now;
  }

  /**
   * Records and keeps a request; if it is approved already, makes its grant. `verifier`: of the requester's token; null for
   * more time. Throws RangeError for a time that no grant can have.
   */
  async submit(request: AccessRequest, verifier: ScramVerifier | null): Promise<AccessRequest> {
    checkTimes(request);
    for (const event of requestEvents(null, request, null)) await this.#record(event);
    const stored = { request, verifier: verifier && formatScramVerifier(verifier) };
    await whenReady(this.#redis);
    await this.#redis.zremrangebyscore(REQUESTS_KEY, '-inf', this.#now() - HISTORY);
    await this.#redis.zadd(REQUESTS_KEY, Date.parse(request.askedAt), request.id);
    await this.#index(request);
    if (!(await this.#documents.add(stored))) throw new Error(`request id ${request.id} is taken; try again`);
    await this.#fulfil(stored);
    return request;
  }

  /** As it is now; null if there is none. Throws TamperedRequestError. */
  async get(id: string): Promise<AccessRequest | null> {
    const found = await this.#documents.read(id);
    return found === null ? null : asOf(found.stored.request, this.#now());
  }

  /**
   * As `get`, but an approved one has its grant: whoever approved it may have been cut off before that was made. Throws
   * TamperedRequestError.
   */
  async getFulfilled(id: string): Promise<AccessRequest | null> {
    const found = await this.#documents.read(id);
    if (found === null) return null;
    const { request } = found.stored;
    if (!(await isFulfilled(this.#grants, request, this.#now()))) await this.#fulfilOnce(found.stored);
    return asOf(request, this.#now());
  }

  /** The request that a grant has come of; null for grants that were made by hand, and long ago. */
  async ofGrant(grant: string): Promise<AccessRequest | null> {
    if (!GRANT_ID.test(grant)) return null;
    await whenReady(this.#redis);
    const id = await this.#redis.get(askedKey(grant));
    const request = id === null ? null : await this.get(id);
    return request?.state.kind === 'approved' && request.state.grant === grant ? request : null;
  }

  /** Newest first. */
  async list({ since, ...wanted }: RequestFilter = {}): Promise<RequestList> {
    await whenReady(this.#redis);
    const ids = await this.#redis.zrevrangebyscore(REQUESTS_KEY, '+inf', `${since ?? '-inf'}`);
    const { requests, tampered } = await this.#getAll(ids);
    return { requests: requests.filter((request) => isWanted(request, wanted)), tampered };
  }

  /** So many at most, newest first. */
  async latest(count: number): Promise<RequestList> {
    await whenReady(this.#redis);
    return this.#getAll(await this.#redis.zrevrange(REQUESTS_KEY, 0, count - 1));
  }

  /** Those with which something is still to be done: pending, or an emergency to be reviewed. */
  async open(): Promise<RequestList> {
    await whenReady(this.#redis);
    const { requests, tampered } = await this.#getAll(await this.#redis.zrange(OPEN_REQUESTS_KEY, '0', '-1'));
    return { requests: requests.filter((request) => dueAt(request) !== null), tampered };
  }

  /**
   * Pending requests whose time is over become expired, in the trail as well; whichever node comes first does it. To be
   * called again and again.
   */
  async expireDue(): Promise<void> {
    await whenReady(this.#redis);
    const now = this.#now();
    for (const id of await this.#redis.zrangebyscore(OPEN_REQUESTS_KEY, '-inf', now)) {
      const request = await this.change(id, null, (found) => asOf(found, now)).catch((fault: unknown) => {
        if (fault instanceof TamperedRequestError) return null;
        throw fault;
      });
      if (request === null) await this.#redis.zrem(OPEN_REQUESTS_KEY, id);
      else await this.#index(request);
    }
  }

  /**
   * Makes of the request what `change` makes of it, and its grant if it is approved by that; nothing if that is the request
   * itself. Asked again if somebody else was faster; null if there is no such request. `by`: null for time itself. Throws
   * what `change` throws, and ReviewRefused.
   */
  async change(
    id: string,
    by: string | null,
    change: (request: AccessRequest) => AccessRequest,
  ): Promise<AccessRequest | null> {
    for (;;) {
      const found = await this.#documents.read(id);
      if (found === null) return null;
      const request = change(found.stored.request);
      if (request === found.stored.request) return request;
      await checkStands(this.#grants, found.stored.request, request);
      const stored = { ...found.stored, request };
      if (!(await this.#documents.replace(found, stored))) continue;
      await this.#recordOrUndo(found, stored, by);
      await this.#index(request);
      if (found.stored.request.state.kind === 'pending') await this.#fulfilOnce(stored);
      return request;
    }
  }

  /** INVARIANT: the trail tells of a step only if it was taken, and one that it can't tell of is taken back. */
  async #recordOrUndo(found: FoundRequest, changed: StoredRequest, by: string | null): Promise<void> {
    try {
      for (const event of requestEvents(found.stored.request, changed.request, by)) await this.#record(event);
    } catch (fault) {
      await this.#documents.restore(found, changed);
      await this.#takeBackGrant(changed.request, by);
      throw fault;
    }
  }

  /** Somebody may have waited for it, and made it already. Best effort: what can't record this can't record its end. */
  async #takeBackGrant({ state, extension }: AccessRequest, by: string | null): Promise<void> {
    if (state.kind !== 'approved' || extension !== undefined) return;
    await this.#grants.revoke(state.grant, by ?? 'time').catch(() => undefined);
  }

  /** Whoever waits for an approval makes the grant as well, and may be faster than whoever approves. */
  async #fulfilOnce(stored: StoredRequest): Promise<void> {
    await this.#fulfil(stored).catch(async (fault: unknown) => {
      if (!(await isFulfilled(this.#grants, stored.request, this.#now()))) throw fault;
    });
  }

  async #fulfil(stored: StoredRequest): Promise<void> {
    const { state, extension, id } = stored.request;
    if (state.kind === 'approved' && extension === undefined)
      await this.#redis.set(askedKey(state.grant), id, 'PX', HISTORY, 'NX');
    await fulfil(this.#grants, stored);
  }

  async #index(request: AccessRequest): Promise<void> {
    const due = dueAt(request);
    if (due === null) await this.#redis.zrem(OPEN_REQUESTS_KEY, request.id);
    else await this.#redis.zadd(OPEN_REQUESTS_KEY, due, request.id);
  }

  async #getAll(ids: readonly string[]): Promise<RequestList> {
    const requests: AccessRequest[] = [];
    const tampered: string[] = [];
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const part = ids.slice(start, start + AT_ONCE);
      for (const [index, result] of (await Promise.allSettled(part.map((id) => this.get(id)))).entries()) {
        if (result.status === 'fulfilled') {
          if (result.value !== null) requests.push(result.value);
        } else if (result.reason instanceof TamperedRequestError) tampered.push(part[index]!);
        else throw result.reason;
      }
    }
    return { requests, tampered };
  }
}

const isWanted = (request: AccessRequest, { principal, state, toReview }: RequestFilter): boolean =>
  (principal === undefined || request.principal.id === principal) &&
  (state === undefined || request.state.kind === state) &&
  (toReview !== true || reviewDue(request) !== null);

/** When something is to be done about it, Unix ms; null: nothing is. */
const dueAt = (request: AccessRequest): number | null =>
  request.state.kind === 'pending' ? Date.parse(request.state.expiresAt) : reviewDue(request);

function checkTimes({ terms, state }: AccessRequest): void {
  const granted = state.kind === 'pending' || state.kind === 'approved' ? state.terms.ttl : terms.ttl;
  for (const ttl of [terms.ttl, granted])
    if (!(ttl >= MIN_TTL && ttl <= MAX_TTL)) throw new RangeError('a grant lives from 1 second to 366 days');
}

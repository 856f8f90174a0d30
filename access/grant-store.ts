import type { AuditEvent } from '../audit/events.ts';
import type { ScramVerifier } from '../proxy/ports.ts';
import { sendControl } from './control.ts';
import { type Grant, type GrantTermsInput, parseGrant, parseGrantTerms } from './grant.ts';
import { grantKeys, INDEX_KEY, type RedisClient, whenReady } from './redis.ts';
import { createScramVerifier } from './scram-verifier.ts';
import { CREATE, EXTEND } from './scripts.ts';
import {
  type GrantUse,
  openGrant,
  sealGrant,
  TamperedGrantError,
  type VerifiedGrant,
} from './sealed-grant.ts';
import type { Signer } from './signing.ts';
import { GRANT_ID, newGrantId, newToken } from './token.ts';

/** Called before a grant is made or extended, and after one is ended. If it throws, that is not done. */
export type RecordEvent = (event: AuditEvent) => void | Promise<void>;

export interface CreatedGrant {
  readonly grant: Grant;
  /** The secret. Not kept anywhere: whoever calls is the only one to have it. */
  readonly token: string;
}

/** How a grant comes to be. */
export interface GrantMaking {
  readonly id: string;
  /** Unix time in ms: when its clock starts. */
  readonly issuedAt: number;
  /** ms */
  readonly ttl: number;
  readonly verifier: ScramVerifier;
}

/** How a grant comes to a later end. */
export interface GrantExtending {
  /** Unix time in ms: its new end. */
  readonly until: number;
  /** The access request by which it does. */
  readonly request: string;
  /** Who approved that; none: the policy. */
  readonly approvedBy: readonly string[];
}

/** What a grant's sessions have taken so far, leases included. */
export interface GrantUsage {
  readonly logins: number;
  readonly rows: number;
  readonly bytes: number;
  readonly statements: number;
}

/** A grant is given back by whom it was given to. */
export class NotHolderError extends Error {
  constructor(grant: string) {
    super(`grant ${grant} is somebody else's; who holds it gives it back, others revoke it`);
    this.name = 'NotHolderError';
  }
}

/** As many as the form of a grant has room for. */
const MOST_APPROVERS = 20;

/** How long the holder of a grant that is over is told so, in ms; after that it is unknown. */
const PAST_LIFETIME = 24 * 60 * 60 * 1000;
/** How long the index has a grant that is over, in ms, if nobody takes it out and tells the trail. */
const INDEX_LIFETIME = 60 * 60 * 1000;
/** Shortest and longest life of a grant, in ms. Policy sets narrower ones. */
export const MIN_TTL = 1000;
export const MAX_TTL = 366 * 24 * 60 * 60 * 1000;

/** Grants in Redis: signed when made, verified whenever read, gone when they expire. */
export class GrantStore {
  readonly #redis: RedisClient;
  readonly #signer: Signer;
  readonly #record: RecordEvent;
  readonly #now: () => number;

  constructor(redis: RedisClient, signer: Signer, record: RecordEvent, now: () => number = Date.now) {
    this.#redis = redis;
    this.#signer = signer;
    this.#record = record;
    this.#now = now;
  }

  /**
   * Makes a grant that lives `ttl` ms from now. `by` is who makes it, for the trail.
   * Throws GrantFormError on terms that are no grant, RangeError on a `ttl` out of bounds.
   */
  async create(terms: GrantTermsInput, ttl: number, by: string): Promise<CreatedGrant> {
    const token = newToken();
    const verifier = await createScramVerifier(token);
    const grant = await this.issue(terms, { id: newGrantId(), issuedAt: this.#now(), ttl, verifier }, by);
    return { grant, token };
  }

  /**
   * The same for a token that somebody else has, under an id chosen before. Throws if the id is, or was, another's.
   */
  async issue(terms: GrantTermsInput, made: GrantMaking, by: string): Promise<Grant> {
    const { id, issuedAt, ttl, verifier } = made;
    if (!(ttl >= MIN_TTL && ttl <= MAX_TTL)) throw new RangeError('a grant lives from 1 second to 366 days');
    const grant = parseGrant({
      ...parseGrantTerms(terms),
      id,
      issuedAt: new Date(issuedAt).toISOString(),
      expiresAt: new Date(issuedAt + ttl).toISOString(),
    });
    await this.#record(creation(grant, by));
    const expiresAt = Date.parse(grant.expiresAt);
    const { document, signature } = sealGrant(this.#signer, 'grant', { grant, verifier });
    const past = sealGrant(this.#signer, 'past', { grant, verifier });
    await whenReady(this.#redis);
    await this.#redis.zremrangebyscore(INDEX_KEY, '-inf', this.#now() - INDEX_LIFETIME);
    await this.#redis.zadd(INDEX_KEY, expiresAt, grant.id);
    const keys = grantKeys(grant.id);
    const created = await CREATE.run(this.#redis, {
      keys: [keys.grant, keys.past, keys.usage],
      args: [document, signature, past.signature, expiresAt, expiresAt + PAST_LIFETIME],
    });
    if (created !== 1) throw new Error(`grant id ${grant.id} is taken; try again`);
    return grant;
  }

  /** The grant under this id while it is active; null if there is none. Throws TamperedGrantError. */
  async get(id: string): Promise<VerifiedGrant | null> {
    return GRANT_ID.test(id) ? await this.#read(id, 'grant') : null;
  }

  /** The same for a grant that expired or was revoked within the last day or so; also while it is active. */
  async getPast(id: string): Promise<VerifiedGrant | null> {
    return GRANT_ID.test(id) ? await this.#read(id, 'past') : null;
  }

  /** Active grants by expiry, and the ids of those that were tampered with. */
  async list(): Promise<{ readonly grants: readonly Grant[]; readonly tampered: readonly string[] }> {
    await whenReady(this.#redis);
    const ids = await this.#redis.zrangebyscore(INDEX_KEY, this.#now(), '+inf');
    const results = await Promise.allSettled(ids.map((id) => this.get(id)));
    const grants: Grant[] = [];
    const tampered: string[] = [];
    for (const result of results) {
      if (result.status === 'fulfilled') {
        if (result.value) grants.push(result.value.grant);
      } else if (result.reason instanceof TamperedGrantError) tampered.push(result.reason.grant);
      else throw result.reason;
    }
    return { grants, tampered };
  }

  /**
   * Moves the end of an active grant on, as a whole new document under a new signature; its token and its open sessions
   * live on. The grant as it is then: unchanged if it ends later anyway; null if it is over. `by` is for the trail.
   */
  async extend(
    id: string,
    { until, request, approvedBy }: GrantExtending,
    by: string,
  ): Promise<Grant | null> {
    for (;;) {
      const found = await this.get(id);
      if (found === null || found.expiresAt >= until) return found?.grant ?? null;
      const { verifier } = found;
      const grant = parseGrant({
        ...found.grant,
        expiresAt: new Date(until).toISOString(),
        approvedBy: [...new Set([...found.grant.approvedBy, ...approvedBy])].slice(-MOST_APPROVERS),
      });
      if (until - Date.parse(grant.issuedAt) > MAX_TTL)
        throw new RangeError('a grant lives no longer than 366 days');
      await this.#record({ type: 'grant.extend', grant: id, request, expiresAt: grant.expiresAt, by });
      if (!(await this.#replace(found.signature, { grant, verifier }))) continue;
      await sendControl(this.#redis, this.#signer, { type: 'extend', grant: id }).catch(() => undefined);
      return grant;
    }
  }

  /** Ends the grant and its sessions on every node. False if there is no such active grant. */
  async revoke(id: string, by: string): Promise<boolean> {
    return await this.#end(id, { type: 'grant.revoke', grant: id, by });
  }

  /** The same by its holder, who needs it no longer. Throws NotHolderError if it is somebody else's. */
  async giveBack(id: string, by: string): Promise<boolean> {
    const found = await this.get(id);
    if (found !== null && found.grant.principal.id !== by) throw new NotHolderError(id);
    return found !== null && (await this.#end(id, { type: 'grant.return', grant: id, by }));
  }

  /** False if the grant is no longer what it was under that signature. */
  async #replace(before: string, { grant, verifier }: Pick<VerifiedGrant, 'grant' | 'verifier'>) {
    const expiresAt = Date.parse(grant.expiresAt);
    const { document, signature } = sealGrant(this.#signer, 'grant', { grant, verifier });
    const past = sealGrant(this.#signer, 'past', { grant, verifier });
    await this.#redis.zadd(INDEX_KEY, 'XX', expiresAt, grant.id);
    const keys = grantKeys(grant.id);
    const replaced = await EXTEND.run(this.#redis, {
      keys: [keys.grant, keys.past, keys.usage, keys.sessions, keys.who, keys.leases],
      args: [before, document, signature, past.signature, expiresAt, expiresAt + PAST_LIFETIME],
    });
    return replaced === 1;
  }

  async #end(id: string, event: AuditEvent): Promise<boolean> {
    if (!GRANT_ID.test(id)) return false;
    await whenReady(this.#redis);
    const removed = await this.#redis.del(grantKeys(id).grant);
    await this.#redis.zrem(INDEX_KEY, id);
    if (removed === 0) return false;
    // Without the message, the periodic check of each process ends the sessions within its interval.
    await sendControl(this.#redis, this.#signer, { type: 'revoke', grant: id }).catch(() => undefined);
    await this.#record(event);
    return true;
  }

  /** The trail has the end of each grant whose time is over, by whichever node comes first. To be called again and again. */
  async expireDue(): Promise<void> {
    await whenReady(this.#redis);
    const now = this.#now();
    for (const id of await this.#redis.zrangebyscore(INDEX_KEY, '-inf', now)) {
      if ((await this.#redis.exists(grantKeys(id).grant)) === 1) continue; // extended, or our clock is ahead of Redis'
      const past = await this.getPast(id).catch((fault: unknown) => {
        if (fault instanceof TamperedGrantError) return null;
        throw fault;
      });
      if ((await this.#redis.zrem(INDEX_KEY, id)) === 1 && past !== null)
        await this.#record(expiry(past.grant));
    }
  }

  async usage(id: string): Promise<GrantUsage> {
    await whenReady(this.#redis);
    const counts = await this.#redis.hmget(grantKeys(id).usage, 'logins', 'rows', 'bytes', 'statements');
    const [logins = 0, rows = 0, bytes = 0, statements = 0] = counts.map((value) => Number(value ?? 0));
    return { logins, rows, bytes, statements };
  }

  async #read(id: string, use: GrantUse): Promise<VerifiedGrant | null> {
    await whenReady(this.#redis);
    const [document, signature] = await this.#redis
      .hmget(grantKeys(id)[use], 'document', 'signature')
      .catch((error: Error) => {
        throw error.message.startsWith('WRONGTYPE') ? new TamperedGrantError(id) : error;
      });
    if (document == null && signature == null) return null;
    if (document == null || signature == null) throw new TamperedGrantError(id);
    return openGrant(this.#signer, use, id, { document, signature });
  }
}

function creation(grant: Grant, by: string): AuditEvent {
  const { id, principal, database, scope, limits, reason, ticket, approvedBy, expiresAt } = grant;
  return {
    type: 'grant.create',
    grant: id,
    principal: principal.id,
    database,
    scope,
    limits,
    reason,
    ticket,
    approvedBy,
    expiresAt,
    by,
  };
}

const expiry = ({ id, principal, database, expiresAt }: Grant): AuditEvent => ({
  ...{ type: 'grant.expire', grant: id, principal: principal.id, database, expiresAt },
});

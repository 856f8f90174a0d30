import { createHash, timingSafeEqual } from 'node:crypto';
import type { RecordEvent } from '../grant-store.ts';
import { type RedisClient, whenReady } from '../redis.ts';
import type { Signer } from '../signing.ts';
import { newGrantId, newToken, TOKEN_PREFIX } from '../token.ts';
import { API_TOKENS_KEY, apiTokenKey } from './keys.ts';
import { AccountRefused, NAME, PRINCIPAL_ID, type Principal, type Role } from './principal.ts';
import { SignedRecords } from './signed-records.ts';

/** What a token is for. */
export interface ApiTokenForm {
  readonly principal: string;
  readonly kind: 'service' | 'agent';
  /** Agents have it, services don't. */
  readonly actsFor: string | null;
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  /** null: all. */
  readonly databases: readonly string[] | null;
}

/** An API token without its secret. */
export interface ApiToken extends ApiTokenForm {
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  /** null: it has not been. */
  readonly revokedAt: string | null;
}

interface Stored extends ApiToken {
  /** SHA-256 of the secret, hex: 166 random bits need no slower hash. */
  readonly hash: string;
}

/** What a secret comes to. */
export type TokenFinding =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'live' | 'expired' | 'revoked'; readonly token: ApiToken };

/** ms */
export const MIN_TOKEN_TTL = 1_000;
export const MAX_TOKEN_TTL = 366 * 24 * 60 * 60 * 1000;
/** How long the holder of a token that is over is told so, ms. */
const PAST = 24 * 60 * 60 * 1000;

/** The prefix, the id (8), the secret (28). */
const FORM = new RegExp(`^${TOKEN_PREFIX}([a-z][a-z0-9]{7})([0-9A-Za-z]{28})$`);

/** What an agent may not have: to decide, and to give rights, are for people and what they run themselves. */
const NOT_FOR_AGENTS: ReadonlySet<Role> = new Set(['reviewer', 'admin']);

/** Tokens of services and agents in Redis: hashed, signed, expiring. Each change is in the trail before it is made. */
export class ApiTokenStore {
  readonly #redis: RedisClient;
  readonly #records: SignedRecords<Stored>;
  readonly #record: RecordEvent;
  readonly #now: () => number;

  constructor(redis: RedisClient, signer: Signer, record: RecordEvent, now: () => number) {
    this.#redis = redis;
    this.#records = new SignedRecords(redis, signer, { use: 'api-token', key: apiTokenKey });
    this.#record = record;
    this.#now = now;
  }

  /** `ttl` in ms. The secret is kept nowhere. Throws AccountRefused. */
  async create(
    form: ApiTokenForm,
    ttl: number,
    by: string,
  ): Promise<{ readonly token: ApiToken; readonly secret: string }> {
    checkForm(form);
    if (!(ttl >= MIN_TOKEN_TTL && ttl <= MAX_TOKEN_TTL))
      throw new AccountRefused('a token lives from 1 second to 366 days');
    const [id, random] = [newGrantId(), newToken().slice(TOKEN_PREFIX.length)];
    const now = this.#now();
    const token: ApiToken = {
      ...form,
      id,
      createdAt: new Date(now).toISOString(),
      createdBy: by,
      expiresAt: new Date(now + ttl).toISOString(),
      revokedAt: null,
    };
    const { principal, kind, actsFor, roles, databases, expiresAt } = token;
    await this.#record({
      ...{ type: 'token.create', token: id, principal, kind, actsFor, roles, databases, expiresAt, by },
    });
    await whenReady(this.#redis);
    await this.#redis.zremrangebyscore(API_TOKENS_KEY, '-inf', now - PAST);
    await this.#redis.zadd(API_TOKENS_KEY, Date.parse(expiresAt), id);
    if (!(await this.#records.replace('', { ...token, hash: hashOf(random) }, Date.parse(expiresAt) + PAST)))
      throw new Error(`token id ${id} is taken; try again`);
    return { token, secret: `${TOKEN_PREFIX}${id}${random}` };
  }

  /** Whose secret it is. Throws TamperedRecordError. */
  async find(secret: string): Promise<TokenFinding> {
    const [, id = '', random = ''] = FORM.exec(secret) ?? [];
    const found = id === '' ? null : await this.#records.read(id);
    const expected = Buffer.from(found?.value.hash ?? '', 'hex');
    const given = Buffer.from(hashOf(random), 'hex');
    if (found === null || expected.length !== given.length || !timingSafeEqual(expected, given))
      return { kind: 'unknown' };
    const token = withoutHash(found.value);
    if (token.revokedAt !== null) return { kind: 'revoked', token };
    return { kind: this.#now() < Date.parse(token.expiresAt) ? 'live' : 'expired', token };
  }

  /** Those that have not expired, the first to expire first, and the ids of those that were tampered with. */
  async list(): Promise<{ readonly tokens: readonly ApiToken[]; readonly tampered: readonly string[] }> {
    await whenReady(this.#redis);
    const ids = await this.#redis.zrangebyscore(API_TOKENS_KEY, this.#now(), '+inf');
    const { values, tampered } = await this.#records.readAll(ids);
    return { tokens: values.map(withoutHash), tampered };
  }

  /** False if there is none, or it is revoked already. */
  async revoke(id: string, by: string): Promise<boolean> {
    for (;;) {
      const found = await this.#records.read(id);
      if (found === null || found.value.revokedAt !== null) return false;
      const { value, signature } = found;
      await this.#record({ type: 'token.revoke', token: id, principal: value.principal, by });
      const revokedAt = new Date(this.#now()).toISOString();
      if (await this.#records.replace(signature, { ...value, revokedAt }, Date.parse(value.expiresAt) + PAST))
        return true;
    }
  }
}

/** Who uses a token. */
export function holderOf({
  principal: id,
  kind,
  actsFor,
  roles,
  teams,
  groups,
  databases,
  createdBy,
}: ApiToken): Principal {
  return { id, kind, actsFor, teams, groups, roles, databases, madeBy: createdBy };
}

function withoutHash({ hash: _, ...token }: Stored): ApiToken {
  return token;
}

function hashOf(random: string): string {
  return createHash('sha256').update(random, 'ascii').digest('hex');
}

function checkForm({ principal, kind, actsFor, roles, teams, groups, databases }: ApiTokenForm): void {
  if (!PRINCIPAL_ID.test(principal) || (actsFor !== null && !NAME.test(actsFor)))
    throw new AccountRefused(
      'a name has lower-case letters, digits and . _ @ + -, and begins with a letter or digit',
    );
  if (kind === 'agent' && actsFor === null) throw new AccountRefused('for whom does the agent work?');
  if (kind === 'service' && actsFor !== null)
    throw new AccountRefused('a service works for nobody: an agent does');
  if (principal === actsFor) throw new AccountRefused('an agent has a name of its own');
  if (roles.length === 0) throw new AccountRefused('a token without a role is of no use');
  const excess = kind === 'agent' ? roles.filter((role) => NOT_FOR_AGENTS.has(role)) : [];
  if (excess.length > 0) throw new AccountRefused(`an agent is no ${excess.join(' and no ')}`);
  if (![...teams, ...groups, ...(databases ?? [])].every((name) => NAME.test(name)))
    throw new AccountRefused('names of teams, groups and databases have 1 to 128 printable characters');
}

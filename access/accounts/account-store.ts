import type { RecordEvent } from '../grant-store.ts';
import { type RedisClient, whenReady } from '../redis.ts';
import type { Signer } from '../signing.ts';
import { ACCOUNTS_KEY, accountKey } from './keys.ts';
import { hashPassword } from './password.ts';
import { AccountRefused, NAME, PRINCIPAL_ID, type Principal, type Role } from './principal.ts';
import { FOREVER, SignedRecords } from './signed-records.ts';

/** What somebody may do, and with whom they belong. */
export interface Membership {
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
}

/** A person who logs in with a password. */
export interface Account extends Membership {
  readonly id: string;
  readonly disabled: boolean;
  /** Counts what ends the account's logins: a new password, being disabled. */
  readonly epoch: number;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
}

interface Stored extends Account {
  /** null: logs in by the identity provider only, and is kept to be disabled. */
  readonly password: string | null;
}

type Change = 'password' | 'disabled' | 'enabled' | 'membership';

/** Local accounts in Redis, signed. Each change is in the trail before it is made. */
export class AccountStore {
  readonly #redis: RedisClient;
  readonly #records: SignedRecords<Stored>;
  readonly #record: RecordEvent;
  readonly #now: () => number;

  constructor(redis: RedisClient, signer: Signer, record: RecordEvent, now: () => number) {
    this.#redis = redis;
    this.#records = new SignedRecords(redis, signer, { use: 'account', key: accountKey });
    this.#record = record;
    this.#now = now;
  }

  /** Throws AccountRefused. */
  async add(
    { id, password, ...membership }: Membership & { readonly id: string; readonly password: string },
    by: string,
  ): Promise<Account> {
    checkId(id);
    const hash = await hashPassword(password);
    if ((await this.#records.read(id)) !== null)
      throw new AccountRefused(`there is an account ${id} already`);
    return await this.#create({ id, password: hash, disabled: false, ...checked(membership) }, by);
  }

  /** null: there is none. Throws TamperedRecordError. */
  async get(id: string): Promise<Account | null> {
    const found = await this.#find(id);
    return found === null ? null : withoutPassword(found.value);
  }

  /** For whoever checks it. null: there is none, or it is for the identity provider's. */
  async passwordOf(id: string): Promise<string | null> {
    return (await this.#find(id))?.value.password ?? null;
  }

  /** By name, and the names of those that were tampered with. */
  async list(): Promise<{ readonly accounts: readonly Account[]; readonly tampered: readonly string[] }> {
    await whenReady(this.#redis);
    const ids = (await this.#redis.smembers(ACCOUNTS_KEY)).sort();
    const { values, tampered } = await this.#records.readAll(ids);
    return { accounts: values.map(withoutPassword), tampered };
  }

  /** Ends their logins. Throws AccountRefused. */
  async setPassword(id: string, password: string, by: string): Promise<Account> {
    const hash = await hashPassword(password);
    return await this.#change(id, 'password', by, (stored) => {
      if (stored.password === null) throw new AccountRefused(`${id} logs in by the identity provider`);
      return { ...stored, password: hash, epoch: stored.epoch + 1 };
    });
  }

  /** Throws AccountRefused. */
  async assign(id: string, membership: Membership, by: string): Promise<Account> {
    const sound = checked(membership);
    return await this.#change(id, 'membership', by, (stored) => ({ ...stored, ...sound }));
  }

  /** Throws AccountRefused. */
  async enable(id: string, by: string): Promise<Account> {
    return await this.#change(id, 'enabled', by, (stored) => ({ ...stored, disabled: false }));
  }

  /** Ends their logins, also of somebody who has logged in by the identity provider only. Throws AccountRefused. */
  async disable(id: string, by: string): Promise<Account> {
    if ((await this.#find(id)) === null) {
      if (!NAME.test(id)) throw new AccountRefused("that is nobody's name");
      return await this.#create({ id, password: null, disabled: true, ...NOTHING }, by);
    }
    return await this.#change(id, 'disabled', by, (stored) => ({
      ...stored,
      disabled: true,
      epoch: stored.epoch + 1,
    }));
  }

  async #create(form: Omit<Stored, 'epoch' | 'createdAt' | 'createdBy'>, by: string): Promise<Account> {
    const createdAt = new Date(this.#now()).toISOString();
    const stored: Stored = { ...form, epoch: 1, createdAt, createdBy: by };
    const { id, roles, teams, groups, disabled } = stored;
    await this.#record({ type: 'account.add', account: id, disabled, roles, teams, groups, by });
    await whenReady(this.#redis);
    await this.#redis.sadd(ACCOUNTS_KEY, id);
    if (!(await this.#records.replace('', stored, FOREVER)))
      throw new AccountRefused(`there is an account ${id} already`);
    return withoutPassword(stored);
  }

  async #change(id: string, what: Change, by: string, change: (stored: Stored) => Stored): Promise<Account> {
    for (;;) {
      const found = await this.#find(id);
      if (found === null) throw new AccountRefused(`there is no account ${id}`);
      const changed = change(found.value);
      const { roles, teams, groups } = changed;
      await this.#record({ type: 'account.change', account: id, what, roles, teams, groups, by });
      if (await this.#records.replace(found.signature, changed, FOREVER)) return withoutPassword(changed);
    }
  }

  async #find(id: string) {
    return id.length > MOST_ID ? null : await this.#records.read(id);
  }
}

/** The person of an account, as it is now. */
export function principalOf({ id, roles, teams, groups }: Account): Principal {
  return { id, kind: 'person', actsFor: null, teams, groups, roles, databases: null, madeBy: null };
}

const MOST_ID = 128;
const NOTHING: Membership = { roles: [], teams: [], groups: [] };

function withoutPassword({ password: _, ...account }: Stored): Account {
  return account;
}

function checkId(id: string): void {
  if (!PRINCIPAL_ID.test(id))
    throw new AccountRefused(
      'a name has lower-case letters, digits and . _ @ + -, and begins with a letter or digit',
    );
}

/** Throws AccountRefused. */
function checked({ roles, teams, groups }: Membership): Membership {
  if (![...teams, ...groups].every((name) => NAME.test(name)))
    throw new AccountRefused('names of teams and groups have 1 to 128 printable characters');
  return { roles: [...new Set(roles)], teams: [...new Set(teams)], groups: [...new Set(groups)] };
}

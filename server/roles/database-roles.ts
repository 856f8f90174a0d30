/** The roles of one database's grants: made when a session needs them, kept up to date, dropped when their grant is over. */
import { setImmediate } from 'node:timers/promises';
import type pg from 'pg';
import type { Grant } from '../../access/grant.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Catalog } from '../../guardrails/catalog.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS } from '../../guardrails/types.ts';
import type { Logger, UpstreamTarget } from '../../proxy/ports.ts';
import { GrantRole, type Occasion } from './grant-role.ts';
import { type Grantable, readGrantable } from './grantable.ts';
import { findLeftovers, type GrantFate } from './leftovers.ts';
import type { Privilege } from './privilege.ts';
import { provision } from './provision.ts';
import { retire } from './retire.ts';
import { inTransaction } from './role-connection.ts';
import type { RoleIdentity } from './role-identity.ts';
import { scopePrivileges } from './scope-privileges.ts';

export type RoleChange = 'created' | 'updated' | 'dropped' | 'failed';

export interface DatabaseRolesParts {
  /** As grants call it. */
  readonly database: string;
  readonly target: UpstreamTarget;
  readonly pool: pg.Pool;
  readonly identity: RoleIdentity;
  readonly fate: GrantFate;
  readonly record: (event: AuditEvent) => void;
  readonly count: (change: RoleChange) => void;
  readonly logger: Logger;
}

export class DatabaseRoles {
  readonly #parts: DatabaseRolesParts;
  readonly #roles = new Map<string, GrantRole>();
  readonly #withheld = new Set<string>();
  readonly #underway = new Set<Promise<void>>();
  /** Roles of which it has been said that they can't be dropped. */
  readonly #stuck = new Set<string>();

  constructor(parts: DatabaseRolesParts) {
    this.#parts = parts;
  }

  /** A session begins: resolves when the role has what the grant comes to under this catalog. */
  async enter(grant: Grant, catalog: Catalog): Promise<UpstreamTarget> {
    const { identity, target } = this.#parts;
    const role = this.#roleOf(grant);
    role.sessions++;
    try {
      await role.extend(grant);
      await role.bringUpTo(catalog);
    } catch (fault) {
      this.leave(grant.id, true);
      this.#parts.count('failed');
      throw fault;
    }
    return { ...target, user: identity.name(grant.id), password: identity.password(grant) };
  }

  /** `doubtful`: it could not log in, so that the next one is to look whether the role is still there. */
  leave(grant: string, doubtful: boolean): void {
    const role = this.#roles.get(grant);
    if (role === undefined) return;
    role.sessions--;
    if (doubtful) role.forget();
    if (role.sessions === 0) this.#background(this.#endIfRevoked(grant));
  }

  /** The catalog has changed: resolves when the roles in use have what their grants come to now. */
  async follow(catalog: Catalog): Promise<void> {
    const roles = [...this.#roles.values()].filter((role) => role.sessions > 0 && !role.isUpTo(catalog));
    if (roles.length === 0) return;
    const grantable = await this.#grantable();
    for (const role of roles) {
      try {
        await role.bringUpTo(catalog, grantable);
      } catch (fault) {
        this.#parts.count('failed');
        this.#parts.logger.warn(
          { err: fault, grant: role.grant.id },
          'a role could not be brought up to date',
        );
      }
    }
  }

  /** A grant was revoked. Does nothing, for now, about one that has had no session in this process. */
  revoked(grant: string): void {
    this.#background(this.#end(grant, 'revoked'));
  }

  /** A grant ends later. Its role is told by whichever process has sessions of it, or by the next login. */
  extended(grant: Grant): void {
    const role = this.#roles.get(grant.id);
    if (role === undefined) return;
    const told = role.extend(grant).catch((fault: unknown) => {
      this.#parts.count('failed');
      this.#parts.logger.warn({ err: fault, grant: grant.id }, 'a role could not be given more time');
    });
    this.#background(told);
  }

  /** Collects what crashes have left, here and on other nodes. */
  async sweep(): Promise<void> {
    const { pool, identity, fate, logger, database } = this.#parts;
    try {
      for (const { role, grant, cause } of await findLeftovers(pool, identity, fate)) {
        await this.#retire(role, grant, cause);
      }
    } catch (fault) {
      logger.warn({ err: fault, database }, 'left-over roles could not be looked for');
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#roles.values()].map((role) => role.close()));
    await Promise.all(this.#underway);
    await this.#parts.pool.end();
  }

  async #end(grant: string, cause: 'expired' | 'revoked'): Promise<void> {
    const role = this.#roles.get(grant);
    if (role === undefined) return;
    this.#roles.delete(grant);
    await role.close();
    await this.#retire(this.#parts.identity.name(grant), grant, cause);
  }

  /** A message may have been lost, or have come while the role was being made. */
  async #endIfRevoked(grant: string): Promise<void> {
    const revoked = await this.#parts.fate.isRevoked(grant).catch(() => false); // then by a sweep
    if (revoked) await this.#end(grant, 'revoked');
  }

  /** Who has no session of it here is not told when it is extended. */
  async #endIfOver(grant: string): Promise<void> {
    if (!(await this.#parts.fate.isActive(grant).catch(() => false))) return this.#end(grant, 'expired');
    const role = this.#roles.get(grant);
    if (role?.sessions === 0) this.#roles.delete(grant);
  }

  #background(work: Promise<void>): void {
    this.#underway.add(work);
    void work.finally(() => this.#underway.delete(work));
  }

  #roleOf(grant: Grant): GrantRole {
    let role = this.#roles.get(grant.id);
    if (role === undefined) {
      role = new GrantRole(grant, {
        provide: (newest, catalog, occasion) => this.#provide(newest, catalog, occasion),
        expired: () => this.#background(this.#endIfOver(grant.id)),
      });
      this.#roles.set(grant.id, role);
    }
    return role;
  }

  async #provide(grant: Grant, catalog: Catalog, { grantable, isProven }: Occasion): Promise<void> {
    const { pool, identity, count, record, database } = this.#parts;
    const wanted = await this.#wanted(grant, catalog, grantable ?? (await this.#grantable()));
    const { created, withheld } = await provision(pool, identity, grant, wanted, isProven);
    this.#warn(withheld);
    count(created ? 'created' : 'updated');
    if (!created) return;
    const role = identity.name(grant.id);
    record({ type: 'role.create', grant: grant.id, database, role, privileges: wanted.length });
  }

  #grantable(): Promise<Grantable> {
    return inTransaction(this.#parts.pool, readGrantable);
  }

  async #wanted(grant: Grant, catalog: Catalog, grantable: Grantable): Promise<readonly Privilege[]> {
    const steps = scopePrivileges(new CompiledScope(grant.scope, ACTIONS), catalog, grantable);
    let step = steps.next();
    while (!step.done) {
      await setImmediate();
      step = steps.next();
    }
    return step.value;
  }

  async #retire(role: string, grant: string, cause: 'expired' | 'revoked'): Promise<void> {
    const { pool, identity, count, record, logger, database } = this.#parts;
    try {
      const outcome = await retire(pool, identity, role);
      if (outcome === 'dropped') {
        count('dropped');
        record({ type: 'role.drop', grant, database, role, cause });
      } else if (outcome !== 'gone' && !this.#stuck.has(role)) {
        this.#stuck.add(role);
        logger.warn({ role, outcome }, 'a role of a grant that is over can not be dropped');
      }
    } catch (fault) {
      count('failed');
      logger.warn({ err: fault, role }, 'a role could not be dropped; it will be tried again');
    }
  }

  #warn(withheld: readonly string[]): void {
    const news = withheld.filter((name) => !this.#withheld.has(name));
    if (news.length === 0) return;
    for (const name of news) this.#withheld.add(name);
    const { logger, database } = this.#parts;
    logger.warn(
      { database, settings: news },
      'only a superuser could copy these settings of the service role; set them for the database instead',
    );
  }
}

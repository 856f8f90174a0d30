/**
 * server/roles: the second wall. Where a database is configured with `roles: ephemeral`, each grant gets a database role of
 * its own with just the privileges that its scope comes to, so that PostgreSQL itself refuses what the guardrails would miss.
 *
 *   role-identity      name, password and marker, derived from the signing key
 *   grantable          what the service role can grant; what a role holds
 *   scope-privileges   a scope and a catalog become privileges; implied-routines: what comes with those on relations
 *   privilege          privileges become GRANT and REVOKE
 *   provision          the role is made, or brought up to date, in one transaction
 *   retire, leftovers  the role goes
 *   grant-role, database-roles, role-upstreams   when which of it happens
 */
import type { Grant } from '../../access/grant.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Catalog } from '../../guardrails/catalog.ts';
import type { GrantTicket, Logger, Refusal, UpstreamSeat, Upstreams } from '../../proxy/ports.ts';
import type { DatabaseTarget } from '../config-upstream.ts';
import { upstreamPool } from '../upstream-pool.ts';
import { DatabaseRoles, type RoleChange } from './database-roles.ts';
import type { GrantFate } from './leftovers.ts';
import { RoleIdentity } from './role-identity.ts';
import { actionsBeyondPrivileges } from './scope-privileges.ts';

export interface RoleUpstreamsParts {
  readonly databases: ReadonlyMap<string, DatabaseTarget>;
  readonly signingKey: string;
  readonly grantOf: (ticket: GrantTicket) => Grant;
  readonly loadCatalog: (database: string) => Promise<Catalog>;
  readonly fate: GrantFate;
  readonly record: (event: AuditEvent) => void;
  readonly count: (change: RoleChange) => void;
  readonly logger: Logger;
}

/** ms from one look for left-over roles to the next. */
const SWEEP = 60_000;
/** ms */
const TIMEOUT = 30_000;

export class RoleUpstreams implements Upstreams {
  readonly #parts: RoleUpstreamsParts;
  readonly #roles = new Map<string, DatabaseRoles>();
  readonly #catalogs = new Map<string, Catalog>();
  #sweeping: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: RoleUpstreamsParts) {
    this.#parts = parts;
    const { databases, signingKey, logger, fate, record, count } = parts;
    const identity = new RoleIdentity(signingKey);
    for (const [database, target] of databases) {
      if (target.roles === 'service') continue;
      const pool = upstreamPool(target, { name: 'postern roles', max: 2, timeout: TIMEOUT });
      pool.on('error', (fault) =>
        logger.warn({ err: fault, database }, 'lost a connection of the service role'),
      );
      const roles = { database, target, pool, identity, fate, record, count, logger };
      this.#roles.set(database, new DatabaseRoles(roles));
    }
  }

  /** Looks for left-over roles now, and again and again. */
  start(): void {
    if (this.#roles.size === 0) return;
    this.#sweeping = this.#sweep();
  }

  has(database: string): boolean {
    return this.#parts.databases.has(database);
  }

  async open(ticket: GrantTicket): Promise<UpstreamSeat | Refusal> {
    const target = this.#parts.databases.get(ticket.database);
    if (target === undefined) throw new TypeError(`database ${ticket.database} is not configured`);
    const roles = this.#roles.get(ticket.database);
    if (roles === undefined) return shared(target);
    const grant = this.#parts.grantOf(ticket);
    const beyond = actionsBeyondPrivileges(grant.scope);
    if (beyond.length > 0) return target.roles === 'ephemeral' ? fallsShort(grant, beyond) : shared(target);
    const own = await roles.enter(grant, await this.#catalogOf(ticket.database));
    let left = false;
    const leave = (failed: boolean): void => {
      if (!left) roles.leave(grant.id, failed);
      left = true;
    };
    return { target: own, leave };
  }

  /** Loads the catalog for the guardrails. INVARIANT: they never decide by one that the roles do not follow yet. */
  async load(database: string): Promise<Catalog> {
    const catalog = await this.#parts.loadCatalog(database);
    if (this.#catalogs.get(database) === catalog) return catalog;
    this.#catalogs.set(database, catalog); // from now on, new sessions see to themselves
    await this.#roles.get(database)?.follow(catalog);
    return catalog;
  }

  /** A grant was revoked. */
  revoked(grant: string): void {
    for (const roles of this.#roles.values()) roles.revoked(grant);
  }

  /** A grant ends later. */
  extended(grant: Grant): void {
    for (const roles of this.#roles.values()) roles.extended(grant);
  }

  /** Roles stay as long as their grants: other nodes may be using them. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
    await Promise.all([...this.#roles.values()].map((roles) => roles.close()));
  }

  /** One database after another: there may be many on one server. */
  async #sweep(): Promise<void> {
    for (const roles of this.#roles.values()) if (!this.#closed) await roles.sweep();
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep();
    }, SWEEP).unref();
  }

  async #catalogOf(database: string): Promise<Catalog> {
    return this.#catalogs.get(database) ?? this.load(database);
  }
}

const shared = (target: DatabaseTarget): UpstreamSeat => ({ target, leave: () => {} });

function fallsShort({ id, database }: Grant, actions: readonly string[]): Refusal {
  return {
    cause: 'role',
    error: {
      sqlstate: '0A000',
      message: `grant ${id} allows ${actions.join(', ')}, for which database "${database}" has no role`,
      detail:
        'Sessions of this database run under a role of their grant, and these actions belong to owners and administrators.',
      hint: 'Ask for a grant without them, or for one on a database whose sessions run under the service role.',
    },
  };
}

/** Makes the database role of a grant, or brings the one that is there up to date. */
import type { PoolClient } from 'pg';
import pg from 'pg';
import type { Grant } from '../../access/grant.ts';
import { createScramVerifier, formatScramVerifier } from '../../access/scram-verifier.ts';
import { copySettings } from './copy-settings.ts';
import { type HeldPrivilege, readHeld, revocable } from './grantable.ts';
import { grantStatements, type Privilege, privilegeKey, revokeStatements } from './privilege.ts';
import { inTurn } from './role-connection.ts';
import type { RoleIdentity, RoleMarker } from './role-identity.ts';

export interface Provisioned {
  /** False: it was there already, made by another process perhaps. */
  readonly created: boolean;
  /** Settings of the service role that it may not give to others. */
  readonly withheld: readonly string[];
}

/** The role can't be used; the grant's sessions must not begin. */
export class RoleRefusedError extends Error {
  override name = 'RoleRefusedError';
}

/**
 * Afterwards the role of the grant can log in and holds exactly `wanted`. Can be repeated, and run by any number of
 * processes at once. `isProven`: this process has logged in as the role, so that its password and its settings can be
 * left alone; otherwise they are put back, since every role may change its own.
 * INVARIANT: what is committed has been read back from the catalog, by OID.
 * @throws RoleRefusedError, and the server's errors
 */
export async function provision(
  pool: pg.Pool,
  identity: RoleIdentity,
  grant: Grant,
  wanted: readonly Privilege[],
  isProven = false,
): Promise<Provisioned> {
  const name = identity.name(grant.id);
  return inTurn(pool, async (client) => {
    const found = await readRole(client, name);
    const role = found ?? (await create(client, identity, grant));
    if (found !== null) await prolong(client, identity, grant, check(identity, grant, found));
    if (found !== null && !isProven) await putBack(client, identity, grant);
    const withheld = found !== null && isProven ? [] : await copySettings(client, name);
    await reconcile(client, { name, oid: role.oid }, wanted);
    return { created: found === null, withheld };
  });
}

interface RoleRow {
  readonly oid: number;
  readonly canLogin: boolean;
  /** It has attributes, or memberships, that we never give. */
  readonly raised: boolean;
  readonly comment: string | null;
}

async function readRole(client: PoolClient, name: string): Promise<RoleRow | null> {
  const { rows } = await client.query(
    `select oid::int8::float8 as oid, rolcanlogin as "canLogin", shobj_description(oid, 'pg_authid') as comment,
            rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
              or exists (select from pg_auth_members m where m.member = r.oid) as raised
     from pg_roles r where rolname = $1`,
    [name],
  );
  return (rows[0] as RoleRow | undefined) ?? null;
}

function check(identity: RoleIdentity, grant: Grant, { canLogin, raised, comment }: RoleRow): RoleMarker {
  const name = identity.name(grant.id);
  const marker = identity.marker(name, comment);
  if (marker?.grant !== grant.id)
    throw new RoleRefusedError(`there is a role ${name} that was not made for this grant`);
  if (!canLogin) throw new RoleRefusedError(`the role ${name} is being dropped`);
  if (raised) throw new RoleRefusedError(`somebody has given the role ${name} more than its grant`);
  return marker;
}

/** The grant may have been extended since the role was made; another node may know of an extension that we do not. */
async function prolong(
  client: PoolClient,
  identity: RoleIdentity,
  { expiresAt }: Grant,
  marker: RoleMarker,
): Promise<void> {
  if (Date.parse(expiresAt) <= Date.parse(marker.until)) return;
  const role = pg.escapeIdentifier(marker.role);
  await client.query(`alter role ${role} valid until '${expiresAt}'`);
  const mark = identity.mark({ ...marker, until: expiresAt });
  await client.query(`comment on role ${role} is ${pg.escapeLiteral(mark)}`);
}

async function create(client: PoolClient, identity: RoleIdentity, grant: Grant): Promise<{ oid: number }> {
  const name = identity.name(grant.id);
  const { rows } = await client.query(
    `select current_setting('server_version_num')::int4 >= 160000 as "hasSelfGrant", quote_ident(current_user) as service,
            (select oid::int8::float8 from pg_database where datname = current_database()) as database`,
  );
  const { hasSelfGrant, service, database } = rows[0] as {
    readonly hasSelfGrant: boolean;
    readonly service: string;
    readonly database: number;
  };
  // With the role's own rights the service role may end its sessions and DROP OWNED; it has those rights anyway.
  if (hasSelfGrant) await client.query(`set local createrole_self_grant = 'inherit'`);
  const role = pg.escapeIdentifier(name);
  await client.query(
    `create role ${role} login nosuperuser nocreatedb nocreaterole connection limit ${connectionLimit(grant)}
       password '${await verifierOf(identity, grant)}' valid until '${grant.expiresAt}'${hasSelfGrant ? '' : ` role ${service}`}`,
  );
  const marker = identity.mark({ role: name, grant: grant.id, database, until: grant.expiresAt });
  await client.query(`comment on role ${role} is ${pg.escapeLiteral(marker)}`);
  return (await readRole(client, name))!;
}

async function putBack(client: PoolClient, identity: RoleIdentity, grant: Grant): Promise<void> {
  const role = pg.escapeIdentifier(identity.name(grant.id));
  await client.query(`alter role ${role} password '${await verifierOf(identity, grant)}'`);
  const { rows } = await client.query(`select quote_ident(current_database()) as database`);
  const { database } = rows[0] as { readonly database: string };
  await client.query(`alter role ${role} reset all; alter role ${role} in database ${database} reset all`);
}

const verifierOf = async (identity: RoleIdentity, grant: Grant): Promise<string> =>
  formatScramVerifier(await createScramVerifier(identity.password(grant)));

/** More than the proxy lets in: a backend may outlive its session by a moment. */
function connectionLimit({ limits }: Grant): number {
  return limits.connections === null ? -1 : 2 * limits.connections + 2;
}

async function reconcile(
  client: PoolClient,
  role: { readonly name: string; readonly oid: number },
  wanted: readonly Privilege[],
): Promise<void> {
  const held = await readHeld(client, role.oid);
  const excess = without(held, wanted);
  const missing = without(wanted, held);
  if (excess.length === 0 && missing.length === 0) return;
  const statements = [
    ...revokeStatements(revocable(excess), role.name),
    ...grantStatements(missing, role.name),
  ];
  for (const sql of statements) await client.query(sql);
  const after = await readHeld(client, role.oid);
  const wrong = [...without(after, wanted), ...without(wanted, after)];
  if (wrong.length > 0)
    throw new RoleRefusedError(
      `the role ${role.name} can't be given just what its grant says: ${wrong.slice(0, 3).map(inWords).join('; ')}`,
    );
}

type Comparable = Pick<HeldPrivilege, 'on' | 'oid' | 'object' | 'column' | 'name'>;

function without<T extends Comparable>(some: readonly T[], others: readonly Comparable[]): readonly T[] {
  const keys = new Set(others.map(keyOf));
  return some.filter((privilege) => !keys.has(keyOf(privilege)));
}

const keyOf = (privilege: Comparable): string => privilegeKey(privilege as Privilege);

const inWords = ({ name, on, object, column }: Comparable): string =>
  `${name} on ${on.toLowerCase()} ${object}${column === null ? '' : ` (${column})`}`;

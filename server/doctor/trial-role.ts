/** A role for a grant that never was: made as those of grants are, used, and dropped. */
import pg from 'pg';
import { type Grant, parseGrant } from '../../access/grant.ts';
import { newGrantId } from '../../access/token.ts';
import { connectUpstream } from '../../proxy/upstream/connect.ts';
import { UpstreamError } from '../../proxy/upstream/upstream-error.ts';
import type { DatabaseTarget } from '../config-upstream.ts';
import { type Grantable, readGrantable } from '../roles/grantable.ts';
import type { Privilege } from '../roles/privilege.ts';
import { provision } from '../roles/provision.ts';
import { retire } from '../roles/retire.ts';
import { inTransaction } from '../roles/role-connection.ts';
import { RoleIdentity } from '../roles/role-identity.ts';
import { type Findings, reason } from './finding.ts';

/** ms */
const TIMEOUT = 10_000;

export interface TrialParts {
  readonly target: DatabaseTarget;
  readonly signingKey: string;
}

export async function tryRole(findings: Findings, pool: pg.Pool, parts: TrialParts): Promise<void> {
  const identity = new RoleIdentity(parts.signingKey);
  const grant = trialGrant(parts.target.database);
  try {
    const sample = sampleOf(await inTransaction(pool, readGrantable));
    const { withheld } = await provision(pool, identity, grant, sample);
    await examineLogin(findings, parts.target, identity, grant);
    tellWithheld(findings, parts.target, withheld);
  } catch (fault) {
    findings.fail(`a role of a grant can't be made: ${reason(fault)}`);
  } finally {
    const outcome = await retire(pool, identity, identity.name(grant.id)).catch(reason);
    if (outcome !== 'dropped' && outcome !== 'gone')
      findings.fail(`the role ${identity.name(grant.id)} of the trial can't be dropped: ${outcome}`);
  }
}

/** One of each kind, since not only privileges may stand in the way: event triggers run on GRANT. */
function sampleOf({ database, relations, routines, schemas }: Grantable): readonly Privilege[] {
  const isSequence = ({ kind }: { readonly kind: string }) => kind === 'S';
  const table = relations.find((each) => !isSequence(each) && each.grantable.length > 0);
  const sequence = relations.find((each) => isSequence(each) && each.grantable.length > 0);
  const routine = routines.find(({ isPublic }) => !isPublic);
  const schema = schemas.find(({ isPublic }) => !isPublic);
  const some: readonly (Omit<Privilege, 'column'> | undefined)[] = [
    database.grantable.includes('CONNECT') ? { ...database, on: 'DATABASE', name: 'CONNECT' } : undefined,
    table && { ...table, on: 'TABLE', name: table.grantable[0]! },
    sequence && { ...sequence, on: 'SEQUENCE', name: sequence.grantable[0]! },
    routine && { ...routine, on: 'ROUTINE', name: 'EXECUTE' },
    schema && { ...schema, on: 'SCHEMA', name: 'USAGE' },
  ];
  return some.flatMap((each) =>
    each === undefined
      ? []
      : [{ on: each.on, oid: each.oid, object: each.object, column: null, name: each.name }],
  );
}

async function examineLogin(
  findings: Findings,
  target: DatabaseTarget,
  identity: RoleIdentity,
  grant: Grant,
): Promise<void> {
  try {
    const { socket } = await connectUpstream(
      { ...target, user: identity.name(grant.id), password: identity.password(grant) },
      {
        parameters: new Map([['application_name', 'postern doctor']]),
        timeoutMs: TIMEOUT,
        keepAliveMs: null,
      },
    );
    socket.destroy();
    findings.ok('a role was made, used and dropped for a trial');
  } catch (fault) {
    findings.fail(`a role of a grant can't log in: ${reason(fault)}`, loginRemedy(target, fault));
  }
}

function loginRemedy({ database, user }: DatabaseTarget, fault: unknown): readonly string[] {
  const sqlstate = fault instanceof UpstreamError ? fault.sqlstate : null;
  if (sqlstate === '42501')
    return [
      `GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${pg.escapeIdentifier(user)} WITH GRANT OPTION;`,
    ];
  if (sqlstate?.startsWith('28'))
    return [`in pg_hba.conf: host ${database} all <address of the proxy> scram-sha-256`];
  return [];
}

function tellWithheld(findings: Findings, { database }: DatabaseTarget, withheld: readonly string[]): void {
  if (withheld.length === 0) return;
  findings.warn(
    `only a superuser could copy these settings of the service role: ${withheld.join(', ')}`,
    withheld.map((name) => `ALTER DATABASE ${pg.escapeIdentifier(database)} SET ${name} = ...;`),
  );
}

const trialGrant = (database: string): Grant =>
  parseGrant({
    id: newGrantId(),
    principal: { id: 'postern doctor' },
    database,
    scope: [{ actions: ['select'], on: ['nothing.nothing'] }],
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 6 * TIMEOUT).toISOString(),
  });

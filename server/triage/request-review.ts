/** What somebody who decides on a request should know besides the request. Costs a look at the database and the trail. */
import { beyond } from '../../access/policy/narrow-scope.ts';
import type { Policy } from '../../access/policy/policy.ts';
import type { AccessRequest } from '../../access/requests/access-request.ts';
import type { RequestStore } from '../../access/requests/request-store.ts';
import type { KnownRelations } from './known-relations.ts';
import { coursesOf, type GrantCourse } from './past-grants.ts';
import { type Reach, reachOf } from './scope-reach.ts';

export interface RequestReview {
  /** What is asked beyond what the reason needs, as `action:pattern`; null: the reason does not tell. */
  readonly beyondNeed: readonly string[] | null;
  /** null: the database can't be asked. */
  readonly reach: readonly Reach[] | null;
  /** Of the same person or one of the same team, on the same database; the nearest first, then the newest. */
  readonly similar: readonly PastRequest[];
}

export interface PastRequest {
  readonly request: AccessRequest;
  readonly own: boolean;
  /** Of its grant; null: it has none. */
  readonly course: GrantCourse | null;
}

export interface ReviewParts {
  readonly relations: Pick<KnownRelations, 'of'>;
  readonly requests: Pick<RequestStore, 'latest'>;
  readonly dataClasses: Policy['dataClasses'];
  /** Directory of the audit spool. */
  readonly spool: string;
}

/** Requests that are looked through, and that are told. */
const MOST_LOOKED = 500;
const MOST_TOLD = 8;

export async function reviewOf(
  request: AccessRequest,
  { relations, requests, dataClasses, spool }: ReviewParts,
): Promise<RequestReview> {
  const { terms, triage, database } = request;
  const [known, latest] = await Promise.all([
    relations.of(database).catch(() => null),
    requests.latest(MOST_LOOKED),
  ]);
  const similar = similarTo(request, latest.requests);
  const courses = await coursesOf(spool, new Set(similar.flatMap((each) => grantOf(each) ?? [])));
  return {
    beyondNeed: triage === null || triage.scope.length === 0 ? null : beyond(terms.scope, triage.scope),
    reach: known === null ? null : reachOf(terms.scope, known, dataClasses),
    similar: similar.map((each) => ({
      request: each,
      own: each.principal.id === request.principal.id,
      course: courses.get(grantOf(each) ?? '') ?? null,
    })),
  };
}

/** `latest`: newest first. */
export function similarTo(
  request: AccessRequest,
  latest: readonly AccessRequest[],
): readonly AccessRequest[] {
  const { id, principal, database, terms } = request;
  const isNear = (other: AccessRequest) =>
    beyond(terms.scope, other.terms.scope).length === 0 ||
    beyond(other.terms.scope, terms.scope).length === 0;
  const rank = (other: AccessRequest) =>
    (other.principal.id === principal.id ? 0 : 2) + (isNear(other) ? 0 : 1);
  return latest
    .filter((other) => other.id !== id && other.database === database)
    .filter(
      (other) =>
        other.principal.id === principal.id ||
        other.principal.teams.some((team) => principal.teams.includes(team)),
    )
    .map((other) => ({ other, rank: rank(other) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_TOLD)
    .map(({ other }) => other);
}

const grantOf = ({ state }: AccessRequest): string | null => (state.kind === 'approved' ? state.grant : null);

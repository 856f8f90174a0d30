/** GET /v1/overview. */
import type { Principal } from '../../access/accounts/principal.ts';
import type { SessionRegistry } from '../../access/session-registry.ts';
import type { TrailSource } from '../../audit/trail-source.ts';
import type { LatencyBook } from '../latency-book.ts';
import { type ApiRoute, invalid, notFound, route } from './api-route.ts';
import { overviewAnswer, overviewQuery } from './overview-schema.ts';
import { keepPace, type Pace } from './pace.ts';
import { OVERSEERS } from './visibility.ts';

export interface OverviewRouteParts {
  readonly source: TrailSource;
  readonly registry: Pick<SessionRegistry, 'list'>;
  readonly latencies: Pick<LatencyBook, 'read' | 'latencies'>;
  readonly pace: Pace;
}

const SHARE_OF_OVERVIEWS = 1 / 5;

export function overviewRoutes({
  source,
  registry,
  latencies,
  pace,
}: OverviewRouteParts): readonly ApiRoute[] {
  const overview = route(
    OVERSEERS,
    {
      ...{ method: 'GET', url: '/v1/overview', operationId: 'getOverview', query: overviewQuery },
      answer: overviewAnswer,
      summary:
        'How things have been going: decisions, alarms and verdicts over time, what Postern adds, drift.',
    },
    async ({ principal, query: { database: asked, ...span } }) => {
      await keepPace(pace, `overviews of ${principal.id}`, SHARE_OF_OVERVIEWS);
      const database = databaseFor(principal, asked);
      const [tallies, drifts, open] = await Promise.all([
        source.tally({ ...span, ...database }),
        source.events({ types: ['risk.drift'], from: span.from, to: span.to, order: 'newest', limit: 1 }),
        registry.list(),
        latencies.read().catch(() => undefined), // what was read before is shown then
      ]);
      const sum = (of: (tally: (typeof tallies)[number]) => number): number =>
        tallies.reduce((total, tally) => total + of(tally), 0);
      const [right, wrong] = [sum(({ verdicts }) => verdicts.true), sum(({ verdicts }) => verdicts.false)];
      return {
        from: new Date(span.from).toISOString(),
        to: new Date(span.to).toISOString(),
        stretch: span.stretch,
        tallies,
        latency: latencies.latencies(span),
        alarms: {
          raised: sum(({ alarms }) => alarms),
          ...{ true: right, false: wrong, rate: right + wrong === 0 ? null : right / (right + wrong) },
        },
        drift: drifts.items[0] ?? null,
        sessions: {
          open: open.filter((each) => each.database === (database.database ?? each.database)).length,
        },
      };
    },
  );
  return [overview];
}

/** Rejects with an HttpFault what a token is not for. */
function databaseFor({ databases }: Principal, asked: string | undefined): { readonly database?: string } {
  if (asked !== undefined && databases?.includes(asked) === false) throw notFound('database', asked);
  const database = asked ?? (databases?.length === 1 ? databases[0] : undefined);
  if (database === undefined && databases !== null)
    throw invalid(`database: is missing; the token is for ${databases.join(', ')}`);
  return database === undefined ? {} : { database };
}

/** Sessions of the proxy: seen, replayed, and ended. */

import { z } from 'zod';
import type { Issuer } from '../../access/access.ts';
import type { Principal, Role } from '../../access/accounts/principal.ts';
import type { TrailSession, TrailSource } from '../../audit/trail-source.ts';
import { type ApiRoute, notFound, route } from './api-route.ts';
import type { Cursors } from './cursors.ts';
import { asConflict } from './domain-faults.ts';
import { keepPace, type Pace } from './pace.ts';
import {
  sessionDetailAnswer,
  sessionParams,
  sessionsAnswer,
  sessionsQuery,
  statementsAnswer,
  statementsQuery,
} from './session-schema.ts';
import { whyOf } from './session-why.ts';
import type { ShownSession, ShownSessions } from './shown-sessions.ts';
import { timelineAnswer, timelineQuery } from './timeline-schema.ts';
import { ENDERS, mayTouch, OVERSEERS, ownsSession } from './visibility.ts';
import { principalToAsk } from './visible-events.ts';

export interface SessionRouteParts extends Pick<Issuer, 'registry' | 'store' | 'requests'> {
  readonly source: TrailSource;
  readonly cursors: Cursors;
  readonly shown: ShownSessions;
  readonly pace: Pace;
}

/** Each reads a part of the trail. */
const SHARE_OF_REPLAYS = 1 / 2;

export function sessionRoutes(parts: SessionRouteParts): readonly ApiRoute[] {
  const { registry, source, cursors, shown, pace } = parts;

  const list = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/sessions', operationId: 'listSessions', query: sessionsQuery },
      answer: sessionsAnswer,
      summary: 'Who is connected, or was: your own sessions, or all for those who watch over them.',
    },
    async ({ principal, query }) =>
      query.state === 'open' ? open(principal, query) : past(principal, query),
  );

  type Query = z.output<typeof sessionsQuery>;

  async function open(principal: Principal, { grant, database, principal: whose }: Query) {
    const all = (await registry.list(grant)).filter(
      (info) =>
        touches(principal, info, OVERSEERS) &&
        info.principal === (whose ?? info.principal) &&
        info.database === (database ?? info.database),
    );
    return { ...(await shown.open(all)), next: null };
  }

  async function past(principal: Principal, { limit, cursor, state: _, ...question }: Query) {
    const whose = principalToAsk(principal, question.principal);
    if (whose === 'nobody') return { sessions: [], next: null, counted: true };
    const connected = new Set((await registry.list()).map(({ session }) => session));
    const { items, next } = await cursors.page([principal.id, 'listSessions', question], cursor, (at) =>
      source.sessions({ ...question, ...whose, ...at, limit }).catch(asConflict),
    );
    const over = items.filter((each) => !connected.has(each.session) && touches(principal, each, OVERSEERS));
    return { sessions: await shown.ended(over), next, counted: true };
  }

  const show = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/sessions/:id', operationId: 'getSession', params: sessionParams },
      ...{ answer: sessionDetailAnswer, summary: 'One session, what it came to, and why it was let in.' },
    },
    async ({ principal, params: { id } }) => {
      const session = await found(principal, id);
      return { ...session, why: await whyOf(session.grant, parts) };
    },
  );

  /** Rejects with an HttpFault where there is none that they may see. */
  async function found(principal: Principal, id: string): Promise<ShownSession> {
    const info = await registry.find(id);
    if (info !== null && touches(principal, info, OVERSEERS)) {
      const [session] = (await shown.open([info])).sessions;
      if (session !== undefined) return session;
    }
    const [session] = await shown.ended([await pastSession(principal, id)]);
    if (session === undefined) throw notFound('session', id);
    return session;
  }

  async function pastSession(principal: Principal, id: string): Promise<TrailSession> {
    const [session] = await source.sessionsById([id]);
    if (session === undefined || !touches(principal, session, OVERSEERS)) throw notFound('session', id);
    return session;
  }

  /** Rejects with an HttpFault. The trail is asked first: of thousands of open sessions it finds one sooner. */
  async function refuseUnseen(principal: Principal, id: string): Promise<void> {
    const session = (await source.sessionsById([id]))[0] ?? (await registry.find(id));
    if (session === null || !touches(principal, session, OVERSEERS)) throw notFound('session', id);
  }

  const statements = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/sessions/:id/statements', operationId: 'listStatements' },
      ...{ params: sessionParams, query: statementsQuery, answer: statementsAnswer },
      summary: 'What was run in a session, in its order, with the decisions and what came of it.',
    },
    async ({ principal, params: { id }, query: { from, limit } }) => {
      await keepPace(pace, `replays of ${principal.id}`, SHARE_OF_REPLAYS);
      await refuseUnseen(principal, id);
      const some = await source.statements(id, from, limit);
      const last = some.at(-1);
      const next = last === undefined || some.length < limit ? null : last.statement.statement + 1;
      return { statements: some, next };
    },
  );

  const timeline = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/sessions/:id/timeline', operationId: 'getTimeline' },
      ...{ params: sessionParams, query: timelineQuery, answer: timelineAnswer },
      summary: 'All of a session in columns of its time: how many statements, and the worst of each.',
    },
    async ({ principal, params: { id }, query: { columns } }) => {
      await keepPace(pace, `replays of ${principal.id}`, SHARE_OF_REPLAYS);
      await refuseUnseen(principal, id);
      const now = Date.now();
      return (await source.timeline(id, columns)) ?? { from: now, to: now, columns: [] };
    },
  );

  const end = route(
    ['requester', ...ENDERS],
    {
      ...{ method: 'POST', url: '/v1/sessions/:id/end', operationId: 'endSession', params: sessionParams },
      answer: z.object({ session: z.string(), ended: z.literal(true) }),
      summary: 'End a session; its grant stays. Your own, or any for reviewers and admins.',
    },
    async ({ principal, params: { id } }) => {
      const info = await registry.find(id);
      if (info === null || !touches(principal, info, ENDERS)) throw notFound('session', id);
      if (!(await registry.end(info, principal.id))) throw notFound('session', id);
      return { session: id, ended: true };
    },
  );

  return [list, show, statements, timeline, end];
}

const touches = (
  principal: Principal,
  session: { readonly principal: string; readonly database: string },
  roles: readonly Role[],
): boolean => mayTouch(principal, session, { owns: ownsSession(principal, session), roles });

/** Sessions as the trail has them, and why they were let in. */
import type { Issuer } from '../access/access.ts';
import type { SessionSearch, TrailSession, TrailSource, TrailStatement } from '../audit/trail-source.ts';
import { whyOf } from '../server/api/session-why.ts';
import { type ShownSession, ShownSessions } from '../server/api/shown-sessions.ts';
import type { Config } from '../server/config.ts';
import { openTrailSource } from '../server/trail-source.ts';
import { EXIT, ExitError } from './exit.ts';
import { withIssuer } from './issuer.ts';

export interface OpenTrail extends Issuer {
  readonly source: TrailSource;
}

export interface KnownSession extends ShownSession {
  readonly why: Awaited<ReturnType<typeof whyOf>>;
}

/** Statements that are read at one time. */
const PART = 500;

export async function withTrail<T>(config: Config, work: (trail: OpenTrail) => Promise<T>): Promise<T> {
  const source = openTrailSource(config);
  try {
    return await withIssuer(config, (issuer) => work({ ...issuer, source }));
  } finally {
    await source.close();
  }
}

/** The newest first. */
export async function pastSessions(
  { source, registry }: OpenTrail,
  search: SessionSearch,
): Promise<readonly TrailSession[]> {
  const open = new Set((await registry.list()).map(({ session }) => session));
  const past: TrailSession[] = [];
  for (let at: { cursor?: string } = {}; past.length < search.limit; ) {
    const { items, next } = await source.sessions({ ...search, ...at });
    past.push(...items.filter(({ session }) => !open.has(session)));
    if (next === null) break;
    at = { cursor: next };
  }
  return past.slice(0, search.limit);
}

/** Open, or over. Throws ExitError where there is none. */
export async function knownSession(trail: OpenTrail, id: string): Promise<KnownSession> {
  const shown = new ShownSessions(trail);
  const info = await trail.registry.find(id);
  const [session] =
    info === null
      ? await shown.ended(await trail.source.sessionsById([id]))
      : (await shown.open([info])).sessions;
  if (session === undefined)
    throw new ExitError(EXIT.failed, `there is no session ${id}; see: postern session list --ended`);
  return { ...session, why: await whyOf(session.grant, trail) };
}

/** In their order, as far as there are any by now. */
export async function* statementsOf({ source }: OpenTrail, session: string): AsyncGenerator<TrailStatement> {
  for (let from = 1; ; ) {
    const some = await source.statements(session, from, PART);
    yield* some;
    const last = some.at(-1);
    if (last === undefined || some.length < PART) return;
    from = last.statement.statement + 1;
  }
}

/** Sessions as they are shown: who is connected, by the registry; what it came to, by the trail; what is left, by the grant. */
import type { z } from 'zod';
import type { GrantStore } from '../../access/grant-store.ts';
import type { SessionInfo } from '../../access/session-registry.ts';
import type { TrailSession, TrailSource } from '../../audit/trail-source.ts';
import type { countsAnswer, sessionAnswer } from './session-schema.ts';

export type ShownSession = z.infer<typeof sessionAnswer>;
export type SessionCounts = z.infer<typeof countsAnswer>;

export interface ShownSessionsParts {
  readonly source: Pick<TrailSource, 'sessionsById'>;
  readonly store: Pick<GrantStore, 'get' | 'usage'>;
}

export class ShownSessions {
  readonly #parts: ShownSessionsParts;

  constructor(parts: ShownSessionsParts) {
    this.#parts = parts;
  }

  /** In their order. `counted` false: the trail can't be read. */
  async open(
    infos: readonly SessionInfo[],
  ): Promise<{ readonly sessions: ShownSession[]; readonly counted: boolean }> {
    const [counts, budgets] = await Promise.all([
      this.counts(infos.map(({ session }) => session)),
      this.#budgets(new Set(infos.map(({ grant }) => grant))),
    ]);
    const sessions = infos.map((info) => ({
      ...info,
      ...{ state: 'open' as const, endedAt: null, endReason: null, endDetail: null },
      ...(counts?.get(info.session) ?? { ...NOTHING, session: info.session }),
      budget: budgets.get(info.grant) ?? null,
    }));
    return { sessions, counted: counts !== null };
  }

  async ended(sessions: readonly TrailSession[]): Promise<ShownSession[]> {
    const budgets = await this.#budgets(new Set(sessions.map(({ grant }) => grant)));
    return sessions.map(({ startedAt, ...session }) => ({
      ...session,
      ...{ since: startedAt, backendPid: null, state: 'ended' as const },
      budget: budgets.get(session.grant) ?? null,
    }));
  }

  /** By session, of those that the trail has; null: it can't be read now. */
  async counts(ids: readonly string[]): Promise<ReadonlyMap<string, SessionCounts> | null> {
    const known = await this.#parts.source.sessionsById(ids).catch(() => null);
    return known && new Map(known.map((session) => [session.session, countsOf(session)]));
  }

  async #budgets(
    grants: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, NonNullable<ShownSession['budget']>>> {
    const all = await Promise.all([...grants].map(async (id) => [id, await this.#budget(id)] as const));
    return new Map(all.flatMap(([id, budget]) => (budget === null ? [] : [[id, budget]])));
  }

  async #budget(id: string): Promise<ShownSession['budget']> {
    const { store } = this.#parts;
    const [verified, used] = await Promise.all([store.get(id).catch(() => null), store.usage(id)]);
    if (verified === null) return null;
    const { expiresAt, limits } = verified.grant;
    return { expiresAt, limits: { ...limits, from: limits.from && [...limits.from] }, used };
  }
}

function countsOf(session: TrailSession): SessionCounts {
  const { session: id, statements, denied, rows, bytes, alarms, risk, scores } = session;
  return { session: id, statements, denied, rows, bytes, alarms, risk, scores };
}

const NOTHING = { statements: 0, denied: 0, rows: 0, bytes: 0, alarms: 0, risk: null, scores: [] };

/** A whole session in as many columns as a picture of it has: of each stretch of time, the worst of its statements. */
import type { Decision, EventOf } from './trail-source.ts';

/** What ran in one stretch of a session's time. Numbers are those of statements. */
export interface TimelineColumn {
  readonly first: number;
  readonly last: number;
  /** Of the first and the last, Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly statements: number;
  readonly worst: Decision;
  /** In [0, 1]: the highest score that a statement had, or its session then; null: the model did not run. */
  readonly risk: number | null;
  readonly alarms: number;
}

export interface SessionTimeline {
  /** Of the session, Unix ms; where its end is not known, to its last statement. */
  readonly from: number;
  readonly to: number;
  /** In order, without those in which nothing ran. */
  readonly columns: readonly TimelineColumn[];
}

/** From the best to the worst. */
export const BY_WEIGHT: readonly Decision[] = ['allow', 'observe', 'hold', 'deny'];

export interface TimelinePoint {
  readonly statement: number;
  /** Unix ms. */
  readonly at: number;
  readonly decision: Decision;
  readonly risk: number | null;
  readonly alarms: number;
}

/** In [0, 1]: of a statement or of its session then, whichever is higher; null: the model did not run. */
export const scoreOf = ({ risk, sessionRisk }: EventOf<'statement'>): number | null =>
  risk === undefined && sessionRisk === undefined ? null : Math.max(risk ?? 0, sessionRisk ?? 0);

/** `points` in the order of their statements. */
export function columnsOf(
  points: readonly TimelinePoint[],
  { from, to }: { readonly from: number; readonly to: number },
  many: number,
): readonly TimelineColumn[] {
  const columns = new Map<number, TimelineColumn>();
  for (const point of points) {
    const share = (point.at - from) / Math.max(1, to - from);
    const place = Math.max(0, Math.min(Math.floor(share * many), many - 1));
    columns.set(place, joined(columns.get(place) ?? null, point));
  }
  return [...columns].toSorted(([one], [other]) => one - other).map(([, column]) => column);
}

function joined(column: TimelineColumn | null, point: TimelinePoint): TimelineColumn {
  const { statement, at, decision, risk, alarms } = point;
  if (column === null)
    return {
      ...{ first: statement, last: statement, from: at, to: at, statements: 1 },
      ...{ worst: decision, risk, alarms },
    };
  const worse = BY_WEIGHT.indexOf(decision) > BY_WEIGHT.indexOf(column.worst);
  return {
    ...{ first: column.first, last: statement, from: column.from, to: Math.max(at, column.to) },
    statements: column.statements + 1,
    worst: worse ? decision : column.worst,
    risk: risk === null ? column.risk : Math.max(risk, column.risk ?? 0),
    alarms: column.alarms + alarms,
  };
}

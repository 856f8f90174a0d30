/** The timeline of a session, as a spool has it. */
import { columnsOf, type SessionTimeline, scoreOf, type TimelinePoint } from './session-timeline.ts';
import type { SpoolIndex } from './spool-index.ts';
import { walk } from './spool-walk.ts';
import type { EventOf } from './trail-source.ts';

/** null: there is no such session. */
export async function timelineOf(
  index: SpoolIndex,
  session: string,
  columns: number,
): Promise<SessionTimeline | null> {
  const known = index.sessions.get(session);
  if (known === undefined) return null;
  const points = await pointsOf(index, session);
  const from = Date.parse(known.startedAt);
  const to = known.endedAt === null ? (points.at(-1)?.at ?? from) : Date.parse(known.endedAt);
  return { from, to, columns: columnsOf(points, { from, to }, columns) };
}

async function pointsOf(index: SpoolIndex, session: string): Promise<readonly TimelinePoint[]> {
  const points: TimelinePoint[] = [];
  const alarms = new Map<number, number>();
  // A session is served by one process, which has one stream.
  const stream = index.streams.find(({ blocks }) => blocks.some(({ sessions }) => sessions.has(session)));
  if (stream === undefined) return [];
  const events = walk(
    {
      ...{ directory: stream.directory, stretches: stream.blocks },
      ...{ backwards: false, from: null },
      mayHave: ({ sessions }) => sessions.has(session),
      mayBe: (line) => line.includes(session) && !line.includes('"type":"statement.end"'),
      isWanted: (event) => 'session' in event && event.session === session,
    },
    { left: Number.POSITIVE_INFINITY },
  );
  for await (const { event } of events) {
    if (event.type === 'statement') points.push(pointOf(event));
    if (event.type === 'risk.flag') alarms.set(event.statement, (alarms.get(event.statement) ?? 0) + 1);
  }
  return points.map((point) => ({ ...point, alarms: alarms.get(point.statement) ?? 0 }));
}

const pointOf = (event: EventOf<'statement'>): TimelinePoint => ({
  ...{ statement: event.statement, at: Date.parse(event.at), decision: event.decision },
  ...{ risk: scoreOf(event), alarms: 0 },
});

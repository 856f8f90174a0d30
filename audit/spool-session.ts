/** Statements of a session, as a spool has them. */
import type { AuditEventType } from './events.ts';
import type { IndexedStream, SpoolIndex } from './spool-index.ts';
import { walk } from './spool-walk.ts';
import type { EventOf, TrailStatement } from './trail-source.ts';

const TYPES: readonly AuditEventType[] = ['statement', 'statement.end', 'risk.flag'];
/** Blocks behind the last statement in which its end is looked for. */
const MOST_BEHIND = 8;

/** In their order, from the one with number `from` on. */
export async function statementsOf(
  index: SpoolIndex,
  session: string,
  from: number,
  limit: number,
): Promise<readonly TrailStatement[]> {
  for (const stream of index.streams) {
    // A session is served by one process, which has one stream.
    if (!stream.blocks.some(({ sessions }) => sessions.has(session))) continue;
    const found = await statementsIn(stream, session, from, limit);
    return found.map((each) => withAlarm(index, each));
  }
  return [];
}

interface Found {
  readonly statement: EventOf<'statement'>;
  readonly end: EventOf<'statement.end'> | null;
  readonly alarm: string | null;
}

async function statementsIn(
  stream: IndexedStream,
  session: string,
  from: number,
  limit: number,
): Promise<readonly Found[]> {
  const statements = new Map<number, EventOf<'statement'>>();
  const ends = new Map<number, EventOf<'statement.end'>>();
  const alarms = new Map<number, string>();
  let behind = 0;
  const events = walk(
    {
      ...{ directory: stream.directory, stretches: stream.blocks },
      ...{ backwards: false, from: null },
      mayHave: (block) => {
        const numbers = block.sessions.get(session);
        if (numbers === undefined || numbers.last < from) return false;
        if (statements.size < limit) return true;
        return ends.size < statements.size && behind++ < MOST_BEHIND;
      },
      mayBe: (line) => line.includes(session),
      isWanted: (event) => 'session' in event && event.session === session && TYPES.includes(event.type),
    },
    { left: Number.POSITIVE_INFINITY },
  );
  for await (const { event } of events) {
    if (event.type === 'risk.flag') alarms.set(event.statement, event.alarm);
    if (event.type === 'statement.end') ends.set(event.statement, event);
    if (event.type !== 'statement' || event.statement < from || statements.size >= limit) continue;
    statements.set(event.statement, event);
  }
  return [...statements.values()].map((statement) => ({
    statement,
    end: ends.get(statement.statement) ?? null,
    alarm: alarms.get(statement.statement) ?? null,
  }));
}

function withAlarm(index: SpoolIndex, { statement, end, alarm }: Found): TrailStatement {
  return { statement, end, alarm: alarm === null ? null : index.alarm(alarm) };
}

/** What of a session is worth a mark on its timeline, wherever that is: refusals, holds and alarms. */
import type { EventsAnswer, SpooledEvent } from '../../api/answers.ts';
import { get } from '../../api/client.ts';

export interface Mark {
  /** Unix ms. */
  readonly at: number;
  /** Number of the statement. */
  readonly statement: number;
  readonly kind: 'deny' | 'hold' | 'observe' | 'alarm';
}

const MOST = 1_000;
const QUESTIONS: readonly Readonly<Record<string, string>>[] = [
  { types: 'statement', decision: 'deny' },
  { types: 'statement', decision: 'hold' },
  { types: 'statement', decision: 'observe' },
  { types: 'risk.flag' },
];

/** The first thousand of each kind. Rejects with a Problem. */
export async function marksOf(session: string): Promise<readonly Mark[]> {
  const answers = await Promise.all(
    QUESTIONS.map((question) =>
      get<EventsAnswer>('/v1/events', { ...question, session, order: 'oldest', limit: MOST }),
    ),
  );
  return answers.flatMap(({ events }) => events.flatMap(markOf));
}

export function markOf(event: SpooledEvent): readonly Mark[] {
  const at = Date.parse(event.at);
  if (event.type === 'risk.flag') return [{ at, statement: event.statement, kind: 'alarm' }];
  if (event.type !== 'statement' || event.decision === 'allow') return [];
  return [{ at, statement: event.statement, kind: event.decision }];
}

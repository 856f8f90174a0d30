import type { SpooledEvent } from '../../../audit/events.ts';
import { readSpool } from '../../../audit/reader.ts';
import type { Lesson } from '../../../classifier/learning/challenger.ts';
import type { StatementExample } from '../../../classifier/learning/examples.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { type JudgedAlarm, judgedAlarms } from './alarms.ts';

/** What a trail has to teach: statements of sessions without an alarm, one of each form, and what reviewers have judged. */
export async function trailLesson(spool: string): Promise<Lesson> {
  const judged = await judgedAlarms(spool);
  return { passed: await passedStatements(spool), judged: judged.map(exampleOf) };
}

/** An alarm by its session says little about the statement it was raised at. */
function exampleOf({ flag, verdict }: JudgedAlarm): StatementExample {
  const bad = verdict === 'true';
  return {
    sql: flag.sql,
    bad,
    kind: bad ? 'true alarm' : 'false alarm',
    source: flag.database,
    contextual: bad && flag.cause === 'session',
    hard: !bad,
  };
}

async function passedStatements(spool: string): Promise<readonly StatementExample[]> {
  const alarmed = new Set<string>();
  const forms = new Map<
    string,
    { readonly session: string; readonly sql: string; readonly source: string }
  >();
  for await (const event of readSpool(spool, { types: ['statement', 'risk.flag'] })) {
    if (event.type === 'risk.flag') alarmed.add(event.session);
    else if (wasLetPass(event) && !alarmed.has(event.session))
      forms.set(fingerprintOf(event.sql), { session: event.session, sql: event.sql, source: event.database });
  }
  return [...forms.values()]
    .filter(({ session }) => !alarmed.has(session))
    .map(({ sql, source }) => ({ sql, bad: false, kind: 'passed', source, contextual: false, hard: false }));
}

type StatementEvent = Extract<SpooledEvent, { type: 'statement' }>;

const wasLetPass = (event: SpooledEvent): event is StatementEvent =>
  event.type === 'statement' && event.decision === 'allow' && event.inFull === undefined;

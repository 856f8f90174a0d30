/** A session in the terminal. Nothing that a client has sent steers it. */
import type { Alarm, EventOf, TrailStatement } from '../audit/trail-source.ts';
import { clean } from './clean.ts';
import type { KnownSession } from './session-trail.ts';
import { fields } from './table.ts';

const SQL_WIDTH = 2_000;
const INDENT = ' '.repeat(29);

export function sessionText(session: KnownSession): string {
  const { why, statements, denied, rows, bytes, alarms, risk } = session;
  const { grant, request } = why ?? { grant: null, request: null };
  const ended = session.endedAt === null ? '' : `${session.endedAt}: ${session.endReason}`;
  return fields([
    ['session', session.session],
    ['principal', session.principal],
    ['database', session.database],
    ['client', [session.client, session.application ?? ''].join(' ').trim()],
    ['node', session.node],
    ['since', session.since],
    ['ended', session.state === 'open' ? '' : ended || 'its end was never written'],
    ['grant', `${session.grant}${grant?.inForce ? `, until ${grant.expiresAt}` : ', no longer in force'}`],
    ['why', grant?.reason ?? ''],
    [
      'request',
      request === null
        ? ''
        : `${request.id} at ${request.askedAt}${request.emergency ? ', an emergency' : ''}`,
    ],
    ['ticket', grant?.ticket ?? ''],
    ['approved by', grant?.approvedBy.join(', ') ?? ''],
    [
      'allows',
      grant?.scope.map(({ actions, on }) => `${actions.join(',')}:${on.join(',')}`).join('  ') ?? '',
    ],
    ['came to', `${statements} statements, ${denied} denied, ${rows} rows, ${bytes} bytes`],
    [
      'alarms',
      alarms === 0 ? '' : `${alarms}${risk === null ? '' : `, the highest score ${risk.toFixed(2)}`}`,
    ],
  ]);
}

type Statement = EventOf<'statement'>;

/** Lines of a session's statements, which have to come in their order: each says where its transaction block begins and ends. */
export class SessionLines {
  readonly #since: number;
  #inBlock = false;

  /** `since`: ISO 8601. */
  constructor(since: string) {
    this.#since = Date.parse(since);
  }

  lines({ statement, end, alarm }: TrailStatement): readonly string[] {
    const number = String(statement.statement).padStart(6);
    const after = `+${((Date.parse(statement.at) - this.#since) / 1000).toFixed(1)}s`.padEnd(9);
    const via = statement.via === 'parse' && statement.decision === 'allow' ? 'parse' : statement.decision;
    const sql = clean(statement.sql).slice(0, SQL_WIDTH);
    const first = `${number} ${after} ${this.#rail(statement, end)} ${via.padEnd(8)} ${sql}`;
    return [first, ...detailsOf(statement, end, alarm).map((line) => INDENT + clean(line))];
  }

  /** Of transaction blocks, as the command tags tell: what fails in one leaves it open. */
  #rail({ tags, decision }: Statement, end: TrailStatement['end']): string {
    const done = decision === 'allow' || decision === 'observe';
    const tag = end?.tag ?? (done ? tags.at(-1) : undefined) ?? '';
    if (/^(BEGIN|START TRANSACTION)/.test(tag)) {
      this.#inBlock = true;
      return '┌';
    }
    if (this.#inBlock && /^(COMMIT|ROLLBACK|PREPARE TRANSACTION)$/.test(tag)) {
      this.#inBlock = false;
      return '└';
    }
    return this.#inBlock ? '│' : ' ';
  }
}

function detailsOf(statement: Statement, end: TrailStatement['end'], alarm: Alarm | null): readonly string[] {
  const { reasons, sqlstate, parameters, hold } = statement;
  const outcome =
    end === null
      ? (sqlstate ?? '')
      : [`${end.rows} rows`, `${end.durationMs.toFixed(1)} ms`, end.cut && `cut: ${end.cut}`, end.sqlstate]
          .filter((part) => part !== null)
          .join(', ');
  return [
    ...(parameters === undefined ? [] : [`parameters: ${JSON.stringify(parameters)}`]),
    ...(hold === undefined ? [] : [`it waited for a reviewer: ${hold}`]),
    ...(outcome === '' ? [] : [`-> ${outcome}`]),
    ...reasons.map((reason) => `! ${reason}`),
    ...alarmLines(alarm),
  ];
}

function alarmLines(alarm: Alarm | null): readonly string[] {
  if (alarm === null) return [];
  const { flag, verdict } = alarm;
  const score = flag.cause === 'session' ? flag.sessionScore : flag.score;
  const scored = score === null ? flag.cause : `${flag.cause} score ${score.toFixed(2)}`;
  const judged = verdict === null ? 'no verdict yet' : `${verdict.verdict} alarm, says ${verdict.by}`;
  return [
    `alarm ${flag.alarm} (${flag.action}): ${scored}; ${judged}${verdict?.note == null ? '' : `: ${verdict.note}`}`,
    ...[...flag.reasons, ...flag.news].map((reason) => `  ${reason}`),
  ];
}

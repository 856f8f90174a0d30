/** Statements that wait for a reviewer, for `postern requests`, `approve` and `deny`. */
import type { Held } from '../access/holds/held.ts';
import type { HoldStore } from '../access/holds/hold-store.ts';
import { ReviewRefused } from '../access/requests/review-request.ts';
import type { Config } from '../server/config.ts';
import { clean } from './clean.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, withIssuer } from './issuer.ts';
import type { ReviewOptions } from './request-options.ts';
import { fields, span, table } from './table.ts';

/** Of a statement in a list, characters. */
const LISTED = 60;

export function withHolds<T>(config: Config, work: (holds: HoldStore) => Promise<T>): Promise<T> {
  return withIssuer(config, ({ holds }) => work(holds));
}

/** Decides on one, and says what became of it; false if there is none. Throws ExitError: denied where it is not theirs. */
export async function decideHold(
  options: ReviewOptions,
  id: string,
  change: (held: Held) => Held,
): Promise<boolean> {
  const held = await withHolds(configOf(options.config), async (holds) => {
    try {
      return await holds.decide(id, change);
    } catch (fault) {
      throw fault instanceof ReviewRefused
        ? new ExitError(EXIT.denied, `hold ${id}: ${fault.message}`)
        : fault;
    }
  });
  if (held === null) return false;
  console.log(options.json ? JSON.stringify(held) : holdFate(held, Date.now()));
  return true;
}

export function holdTable(holds: readonly Held[]): string {
  const now = Date.now();
  const row = (held: Held): readonly string[] => {
    const { id, principal, database, askedAt, statement } = held;
    const ago = `${span(now - Date.parse(askedAt))} ago`;
    return [id, principal.id, database, ago, holdFate(held, now), clean(statement.sql).slice(0, LISTED)];
  };
  return table(['HOLD', 'PRINCIPAL', 'DATABASE', 'HELD', 'STATE', 'STATEMENT'], holds.map(row));
}

/** All that a reviewer needs to decide. */
export function holdText(held: Held): string {
  const { id, principal, database, grant, session, client, application, statement } = held;
  const { sql, prepared, parameters, missing, reasons, inTransaction } = statement;
  const facts = fields([
    ['hold', id],
    ['principal', principal.id],
    ['acts for', principal.actsFor ?? ''],
    ['database', database],
    ['grant', grant],
    ['session', `${session} from ${client}${application === null ? '' : `, ${application}`}`],
    ['missing', missing.join(', ')],
    ['why', reasons.map(clean).join(' ')],
    ['transaction', inTransaction ? 'open: it keeps its locks while this waits' : ''],
    [
      'parameters',
      parameters === null
        ? 'not known yet: an execution with any is asked for again'
        : valuesText(parameters),
    ],
    ['state', holdFate(held, Date.now())],
  ]);
  return [facts, '', sqlText(sql), ...prepared.flatMap((text) => ['', 'which runs', '', sqlText(text)])].join(
    '\n',
  );
}

const valuesText = (values: readonly (string | null)[]): string =>
  values
    .map(
      (value, index) =>
        `$${index + 1} = ${value === null ? 'NULL' : `'${clean(value).replaceAll("'", "''")}'`}`,
    )
    .join(', ');

/** Its lines stay lines: where a comment ends is for the reviewer to see. */
const sqlText = (sql: string): string =>
  sql
    .split(/\r\n|\r|\n/)
    .map((line) => `    ${lineText(line)}`)
    .join('\n');

const lineText = (line: string): string =>
  `${/^[ \t]*/.exec(line)?.[0].replaceAll('\t', '  ')}${clean(line)}`;

/** What became of it, in a few words. */
function holdFate({ state, expiresAt }: Held, now: number): string {
  switch (state.kind) {
    case 'pending':
      return `pending, for ${span(Date.parse(expiresAt) - now)}`;
    case 'approved':
      return `approved by ${state.by}${state.comment === '' ? '' : `: ${state.comment}`}`;
    case 'denied':
      return `denied by ${state.by}: ${state.reason}`;
    case 'expired':
      return 'expired';
    default:
      return state satisfies never;
  }
}

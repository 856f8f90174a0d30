import { csvRecords } from './csv.ts';

/** A statement that somebody's log has. */
export interface LoggedStatement {
  readonly sql: string;
  /** null: not known. */
  readonly database: string | null;
  readonly application: string | null;
  /** Unix ms; null: not known. */
  readonly at: number | null;
}

/** Columns of PostgreSQL's csvlog (manual, "Using CSV-Format Log Output"). */
const CSVLOG = { time: 0, database: 2, message: 13, application: 22 } as const;

/** How `log_statement` and `log_min_duration_statement` begin a message. */
const MESSAGE = /^(?:duration: [\d.]+ ms\s+)?(?:statement|execute [^:]*|parse [^:]*): ([\s\S]+)$/;

/**
 * The statements of a log file of PostgreSQL (csvlog or jsonlog), or of a dump of pg_stat_statements (CSV with a header,
 * JSON, or lines of JSON). Throws a RangeError if it is none of them.
 */
export function* statementsIn(text: string): Generator<LoggedStatement> {
  if (/^\s*[[{]/.test(text)) yield* inJson(text);
  else yield* inCsv(text);
}

function* inCsv(text: string): Generator<LoggedStatement> {
  let queries: number | null = null;
  let first = true;
  for (const record of csvRecords(text)) {
    if (first && record.includes('query')) queries = record.indexOf('query');
    else if (queries !== null) yield bare(record[queries] ?? '');
    else if (record.length > CSVLOG.application)
      yield* ofMessage(record[CSVLOG.message], {
        database: record[CSVLOG.database],
        application: record[CSVLOG.application],
        time: record[CSVLOG.time],
      });
    else throw new RangeError('neither a csvlog nor a table with a column "query"');
    first = false;
  }
}

function* inJson(text: string): Generator<LoggedStatement> {
  const trimmed = text.trim();
  const lines = trimmed.startsWith('[')
    ? (JSON.parse(trimmed) as unknown[])
    : trimmed.split('\n').map(parseLine);
  for (const line of lines) {
    if (typeof line !== 'object' || line === null) throw new RangeError('a line is no JSON object');
    const { query, message, dbname, application_name, timestamp } = line as Readonly<Record<string, unknown>>;
    if (typeof message === 'string')
      yield* ofMessage(message, { database: dbname, application: application_name, time: timestamp });
    else if (typeof query === 'string') yield bare(query);
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

interface Origin {
  readonly database: unknown;
  readonly application: unknown;
  readonly time: unknown;
}

function* ofMessage(
  message: string | undefined,
  { database, application, time }: Origin,
): Generator<LoggedStatement> {
  const sql = MESSAGE.exec(message ?? '')?.[1];
  if (sql === undefined) return;
  const at =
    typeof time === 'string' ? Date.parse(time.replace(/ ([A-Z]{3,5})$/, 'Z').replace(' ', 'T')) : Number.NaN;
  yield {
    sql,
    database: textOf(database),
    application: textOf(application),
    at: Number.isNaN(at) ? null : at,
  };
}

const bare = (sql: string): LoggedStatement => ({ sql, database: null, application: null, at: null });
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

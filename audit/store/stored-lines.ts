import type { ClientBase } from 'pg';
import { Conditions } from './conditions.ts';

export interface StoredLine {
  readonly seq: string;
  readonly line: string;
}

/** Lines that are read at once, and bytes of one that is read by itself. */
const PART = 500;
const LARGE = 64 * 1024;

/**
 * Lines of one incarnation of a stream in the order of its chain: one that is there twice comes twice. Within a
 * transaction; several may be read at the same time. What is in memory is bounded, however long lines are.
 */
export async function* storedLines(
  client: ClientBase,
  stream: number,
  wanted: Conditions = new Conditions(),
): AsyncGenerator<StoredLine> {
  const name = `lines_${stream}`;
  await client.query(
    `declare ${name} no scroll cursor for
     select seq, case when octet_length(line) <= ${LARGE} then line end as line,
            case when octet_length(line) > ${LARGE} then tableoid::regclass::text end as part, ctid::text as tid
     from event where stream = ${stream} and ${wanted.sql} order by seq, at, event.line`,
    wanted.values,
  );
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${PART} from ${name}`);
    for (const { seq, line, part, tid } of rows)
      yield { seq, line: line ?? (await largeLine(client, part ?? 'event', tid)) };
    if (rows.length < PART) break;
  }
  await client.query(`close ${name}`);
}

interface Row {
  readonly seq: string;
  /** null: it is large, and in the row `tid` of the partition `part`. */
  readonly line: string | null;
  readonly part: string | null;
  readonly tid: string;
}

async function largeLine(client: ClientBase, part: string, tid: string): Promise<string> {
  const { rows } = await client.query<{ line: string }>(`select line from ${part} where ctid = $1`, [tid]);
  if (rows[0] === undefined) throw new Error(`the row ${tid} of ${part} is gone`);
  return rows[0].line;
}

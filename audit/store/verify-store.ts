import type { ClientBase } from 'pg';
import { type ChainHead, genesis } from '../chain.ts';
import { ChainCheck, type CheckProgress, type StreamReport } from '../chain-check.ts';
import type { Break, Fault } from '../chain-follower.ts';
import { CheckpointReader } from '../checkpoint.ts';
import type { StreamName } from '../segments.ts';
import { readSigned } from '../signed.ts';
import { NOTHING } from '../verify.ts';
import { connectStore, type StoreTarget } from './store-target.ts';
import { storedLines } from './stored-lines.ts';

export interface StoreReport {
  readonly ok: boolean;
  readonly events: number;
  /** Named `store:node/stream`, and `#2` for another incarnation of it. */
  readonly streams: readonly StreamReport[];
}

export interface StoreVerifyOptions {
  /** PEM of the public keys that checkpoints may be signed by; none: they are not looked at. */
  readonly keys?: readonly string[];
  /** Heads noted earlier, by the names of the report. */
  readonly anchors?: ReadonlyMap<string, ChainHead>;
  /** Whether nobody but who has these keys may sign a stream: see SignedLines. */
  readonly strict?: (stream: StreamName) => boolean;
  readonly progress?: CheckProgress;
}

/** Where the store has got in the streams of a spool, by `node/stream`: the spool must have these events, too, or have pruned them. */
export type StoreHeads = ReadonlyMap<string, ChainHead>;

/** Of a part, ms. */
const TIMEOUT = 120_000;

interface StreamRow {
  readonly id: number;
  readonly node: string;
  readonly name: string;
  readonly incarnation: number;
  readonly seq: string;
  readonly hash: string;
  readonly first_seq: string;
  readonly first_prev: string;
}

/** Checks every chain in the store, as it stands at one moment. @throws Error when the store can't be read */
export async function verifyStore(
  target: StoreTarget,
  options: StoreVerifyOptions = {},
): Promise<{ readonly report: StoreReport; readonly heads: StoreHeads }> {
  const client = await connectStore(target, 'postern verify', TIMEOUT).catch((cause: Error) => {
    const hint = 'audit verify --spool checks the spool by itself';
    throw new Error(`the audit store can't be reached: ${cause.message || cause.name}; ${hint}`, { cause });
  });
  try {
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<StreamRow>('select * from stream order by node, name, incarnation');
    options.progress?.expect(rows.reduce((sum, row) => sum + Number(row.seq) - Number(row.first_seq), 0));
    const streams: StreamReport[] = [];
    for (const row of rows) streams.push(await verifyStream(client, row, options));
    const stray = await strayEvents(client);
    const noted = [...(options.anchors?.keys() ?? [])].filter((name) => name.startsWith(STORE));
    const lost = noted.filter((name) => !streams.some((stream) => stream.name === name)).map(lostStream);
    const all = [...streams, ...stray, ...lost];
    return {
      report: {
        ok: all.every(({ breaks }) => breaks === 0),
        events: all.reduce((sum, { events }) => sum + events, 0),
        streams: all,
      },
      heads: new Map(
        rows.map(({ node, name, seq, hash }) => [`${node}/${name}`, { seq: Number(seq), hash }]),
      ),
    };
  } finally {
    await client.end();
  }
}

const STORE = 'store:';

async function verifyStream(
  client: ClientBase,
  row: StreamRow,
  options: StoreVerifyOptions,
): Promise<StreamReport> {
  const stream: StreamName = { node: row.node, stream: row.name };
  const name = `${STORE}${row.node}/${row.name}${row.incarnation === 1 ? '' : `#${row.incarnation}`}`;
  const lines = await client.query<{ line: string }>(SIGNED, [row.id]);
  const signed = readSigned(new CheckpointReader(options.keys ?? []), stream, {
    ...{ lines: lines.rows.map(({ line }) => line), place: `${name} checkpoint` },
    strict: options.strict?.(stream) ?? false,
  });
  const noted = options.anchors?.get(name);
  const head = { seq: Number(row.seq), hash: row.hash };
  const first = row.incarnation === 1;
  const start = first ? genesis(row.node, row.name) : { seq: Number(row.first_seq), hash: row.first_prev };
  const check = new ChainCheck({
    ...{ name, node: row.node, start, signed, gaps: signed.gaps },
    anchors: [...signed.anchors, ...(head.seq > start.seq ? [head] : []), ...(noted ? [noted] : [])],
    known: [...signed.breaks, ...(await notedFaults(client, row.id))],
  });
  for await (const line of storedLines(client, row.id)) {
    check.line(Buffer.from(line.line, 'utf8'), `${name} event ${line.seq}`);
    options.progress?.checked(1);
  }
  return check.end(0, name);
}

const SIGNED = `
  select line from (select seq, line from checkpoint where stream = $1
                    union all select last_seq, line from retired where stream = $1) as signed order by seq`;

/** What was wrong with the spool when it was shipped. */
async function notedFaults(client: ClientBase, stream: number): Promise<readonly Break[]> {
  const { rows } = await client.query<{ place: string; seq: string | null; fault: Fault; detail: string }>(
    'select place, seq, fault, detail from fault where stream = $1 order by id',
    [stream],
  );
  return rows.map(({ place, seq, fault, detail }) => ({
    ...{ place, seq: seq === null ? null : Number(seq), fault },
    detail: `${detail} (in the spool, when it was shipped)`,
  }));
}

/** Events of streams that are none. */
async function strayEvents(client: ClientBase): Promise<readonly StreamReport[]> {
  const { rows } = await client.query<{ stream: number; count: string }>(
    `select stream, count(*) as count from event
     where stream not in (select id from stream) group by stream order by stream`,
  );
  return rows.map(({ stream, count }) =>
    broken(`${STORE}?${stream}`, 'gap in seq', `${count} events are of a stream that is gone`),
  );
}

const lostStream = (name: string): StreamReport => broken(name, 'cut off', 'the whole stream is gone');

function broken(name: string, fault: Fault, detail: string): StreamReport {
  const firstBreak: Break = { place: name, seq: null, fault, detail };
  return { ...NOTHING, name, firstBreak };
}

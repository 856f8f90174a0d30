import type { ChainHead } from '../chain.ts';
import type { CheckProgress, StreamReport } from '../chain-check.ts';
import { CheckpointReader } from '../checkpoint.ts';
import { checkpointLines, checkpointsPath } from '../checkpoint-files.ts';
import { listStreams } from '../segments.ts';
import { readSigned } from '../signed.ts';
import { spoolEvents, verify } from '../verify.ts';
import type { StoreTarget } from './store-target.ts';
import { verifyStore } from './verify-store.ts';

export interface TrailVerifyOptions {
  /** Directory; null: only the store is checked. */
  readonly spool: string | null;
  /** null: there is none. */
  readonly store: StoreTarget | null;
  /** PEM of the public keys that checkpoints may be signed by; none: they are not looked at. */
  readonly keys: readonly string[];
  /** Heads noted earlier, by the names of the report. */
  readonly anchors?: ReadonlyMap<string, ChainHead>;
  /**
   * Whether these keys are all there are: what another has signed is then a break. Else a stream of another node, signed by a key
   * of its own, is reported as one whose signatures nobody can check here.
   */
  readonly allKeys?: boolean;
  readonly progress?: CheckProgress;
}

export interface TrailReport {
  readonly ok: boolean;
  readonly events: number;
  readonly streams: readonly StreamReport[];
}

/**
 * Checks spool and store, and each against the other: what the store has of a stream the spool has, too, unless it was
 * pruned, and what was pruned the store has.
 */
export async function verifyTrail(options: TrailVerifyOptions): Promise<TrailReport> {
  const { spool, store, keys, anchors = new Map<string, ChainHead>(), allKeys = false, progress } = options;
  const local = spool === null ? [] : listStreams(spool);
  const own = new Set(local.map(({ node, stream }) => `${node}/${stream}`));
  if (spool !== null) progress?.expect(await spoolEvents(spool));
  const checked =
    store &&
    (await verifyStore(store, {
      keys,
      strict: ({ node, stream }) => allKeys || own.has(`${node}/${stream}`),
      anchors: both(anchors, spool === null ? null : prunedHeads(spool, keys)),
      ...(progress && { progress }),
    }));
  const shared = new Map<string, ChainHead>();
  for (const { node, stream } of local) {
    const head = checked?.heads.get(`${node}/${stream}`);
    if (head !== undefined && head.seq > 0) shared.set(`${node}/${stream}`, head);
  }
  const noted = new Map([...anchors].filter(([name]) => !name.startsWith('store:')));
  const inSpool =
    spool === null
      ? null
      : await verify(spool, { keys, anchors: both(noted, shared), ...(progress && { progress }) });
  const streams = [...(inSpool?.streams ?? []), ...(checked?.report.streams ?? [])];
  return {
    ok: streams.every(({ breaks }) => breaks === 0),
    events: streams.reduce((sum, { events }) => sum + events, 0),
    streams,
  };
}

/** The last events that are signed to have been pruned: the store has them. */
function prunedHeads(spool: string, keys: readonly string[]): ReadonlyMap<string, ChainHead> {
  const reader = new CheckpointReader(keys);
  return new Map(
    listStreams(spool).flatMap((name) => {
      const lines = { lines: checkpointLines(spool, name), place: checkpointsPath(spool, name) };
      const last = readSigned(reader, name, { ...lines, strict: true }).gaps.at(-1);
      return last === undefined ? [] : [[`store:${name.node}/${name.stream}`, last.to] as const];
    }),
  );
}

/** Where both have noted one, what was noted by people counts. */
const both = (
  noted: ReadonlyMap<string, ChainHead>,
  other: ReadonlyMap<string, ChainHead> | null,
): ReadonlyMap<string, ChainHead> => new Map([...(other ?? []), ...noted]);

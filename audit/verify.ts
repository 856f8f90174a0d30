import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ChainHead, genesis } from './chain.ts';
import { type Break, type CheckProgress, checkChain, type StreamReport } from './chain-check.ts';
import { CheckpointReader } from './checkpoint.ts';
import { checkpointLines, checkpointsPath } from './checkpoint-files.ts';
import {
  listSegments,
  listStreamDirectories,
  listStreams,
  type StreamName,
  segmentName,
  streamDirectory,
} from './segments.ts';
import { readSigned } from './signed.ts';
import { firstSeq, streamHead } from './stream-head.ts';

export type { Break, Fault, StreamReport } from './chain-check.ts';

export interface SpoolReport {
  readonly ok: boolean;
  readonly events: number;
  readonly streams: readonly StreamReport[];
}

export interface VerifyOptions {
  /** Heads noted earlier, by stream name; those events must still be where they were. */
  readonly anchors?: ReadonlyMap<string, ChainHead>;
  /** Old segments have been removed on purpose: a stream may begin at any event. */
  readonly pruned?: boolean;
  /** PEM of the public keys that checkpoints may be signed by; none: they are not looked at. */
  readonly keys?: readonly string[];
  readonly progress?: CheckProgress;
}

/**
 * Checks a spool, one stream's directory, or one segment file (by itself: it may begin at any event).
 * @throws Error when there is nothing of the kind at that path
 */
export async function verify(path: string, options: VerifyOptions = {}): Promise<SpoolReport> {
  const { progress } = options;
  const streams = (await stat(path)).isDirectory()
    ? await verifyDirectory(resolve(path), options)
    : [
        await checkChain(
          { name: path, node: null, files: [path], start: null, anchors: [], gaps: [], known: [] },
          progress,
        ),
      ];
  return {
    ok: streams.every((stream) => stream.breaks === 0),
    events: streams.reduce((sum, stream) => sum + stream.events, 0),
    streams,
  };
}

async function verifyDirectory(path: string, options: VerifyOptions): Promise<StreamReport[]> {
  const isStream = listSegments(path).length > 0;
  const spool = isStream ? dirname(dirname(path)) : path;
  const streams = isStream ? [{ node: basename(dirname(path)), stream: basename(path) }] : knownStreams(path);
  const reports: StreamReport[] = [];
  for (const stream of streams) reports.push(await verifyStream(spool, stream, options));
  const noted = isStream ? [] : [...(options.anchors?.keys() ?? [])];
  const lost = noted.filter((name) => !reports.some((report) => report.name === name));
  if (reports.length + lost.length === 0) throw new Error(`no audit streams in ${path}`);
  return reports.concat(lost.map(missingStream));
}

/** Those of which there is anything, if only a signature. */
const knownStreams = (spool: string): readonly StreamName[] =>
  listStreamDirectories(spool).filter(
    (name) =>
      listSegments(streamDirectory(spool, name)).length > 0 || checkpointLines(spool, name).length > 0,
  );

/** Segments may go while they are read, once that is signed for: it is then looked at again. */
async function verifyStream(
  spool: string,
  stream: StreamName,
  options: VerifyOptions,
): Promise<StreamReport> {
  for (let left = RETRIES; ; left -= 1) {
    try {
      return await readStream(spool, stream, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || left === 0) throw error;
    }
  }
}

const RETRIES = 3;

async function readStream(
  spool: string,
  stream: StreamName,
  { keys = [], anchors, pruned, progress }: VerifyOptions,
): Promise<StreamReport> {
  const directory = streamDirectory(spool, stream);
  const name = `${stream.node}/${stream.stream}`;
  // Before what is signed: what is gone by now is signed for by then.
  const files = listSegments(directory).map((number) => join(directory, segmentName(number)));
  const signed = readSigned(new CheckpointReader(keys), stream, {
    ...{ lines: checkpointLines(spool, stream), place: checkpointsPath(spool, stream), strict: true },
  });
  const noted = anchors?.get(name);
  const chain = {
    ...{ name, node: stream.node, files, signed, gaps: signed.gaps, known: signed.breaks },
    start: pruned ? null : genesis(stream.node, stream.stream),
    anchors: noted === undefined ? signed.anchors : [...signed.anchors, noted],
  };
  return await checkChain(chain, progress);
}

/** About how many events a spool has. */
export async function spoolEvents(spool: string): Promise<number> {
  let events = 0;
  for (const stream of listStreams(spool)) {
    const directory = streamDirectory(spool, stream);
    const head = await streamHead(directory);
    const first = await firstSeq(directory);
    if (head !== null) events += Math.max(0, head.seq + 1 - (first ?? 1));
  }
  return events;
}

function missingStream(name: string): StreamReport {
  const firstBreak: Break = { place: name, seq: null, fault: 'cut off', detail: 'the whole stream is gone' };
  return { ...NOTHING, name, firstBreak };
}

/** Of a stream that is gone as a whole. */
export const NOTHING = {
  ...{ segments: 0, events: 0, head: null, tornBytes: 0, breaks: 1 },
  ...{ signed: null, unknownKeys: [] },
} as const;

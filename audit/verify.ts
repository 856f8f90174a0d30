import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ChainHead, genesis } from './chain.ts';
import { type Break, checkChain, type StreamReport } from './chain-check.ts';
import { CheckpointReader } from './checkpoint.ts';
import { checkpointLines, checkpointsPath } from './checkpoint-files.ts';

import {
  listSegments,
  listStreamDirectories,
  type StreamName,
  segmentName,
  streamDirectory,
} from './segments.ts';
import { readSigned } from './signed.ts';

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
}

/**
 * Checks a spool, one stream's directory, or one segment file (by itself: it may begin at any event).
 * @throws Error when there is nothing of the kind at that path
 */
export async function verify(path: string, options: VerifyOptions = {}): Promise<SpoolReport> {
  const streams = (await stat(path)).isDirectory()
    ? await verifyDirectory(resolve(path), options)
    : [await checkChain({ name: path, files: [path], start: null, anchors: [], gaps: [], known: [] })];
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

async function verifyStream(
  spool: string,
  stream: StreamName,
  options: VerifyOptions,
): Promise<StreamReport> {
  const directory = streamDirectory(spool, stream);
  const name = `${stream.node}/${stream.stream}`;
  const reader = new CheckpointReader(options.keys ?? []);
  const path = checkpointsPath(spool, stream);
  const signed = readSigned(reader, stream, checkpointLines(spool, stream), path);
  const noted = options.anchors?.get(name);
  return await checkChain({
    name,
    files: listSegments(directory).map((number) => join(directory, segmentName(number))),
    start: options.pruned ? null : genesis(stream.node, stream.stream),
    anchors: noted === undefined ? signed.anchors : [...signed.anchors, noted],
    gaps: signed.gaps,
    known: signed.breaks,
  });
}

function missingStream(name: string): StreamReport {
  const firstBreak: Break = { place: name, seq: null, fault: 'cut off', detail: 'the whole stream is gone' };
  return { name, segments: 0, events: 0, head: null, tornBytes: 0, breaks: 1, firstBreak };
}

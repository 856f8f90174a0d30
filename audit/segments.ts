/** Where a spool keeps its files: `<spool>/<node>/<stream>/000000001.ndjson`, `...2.ndjson`, and so on. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SEGMENT = /^(\d{9})\.ndjson$/;

export interface StreamName {
  readonly node: string;
  readonly stream: string;
}

/** @throws RangeError when a name could leave the spool or confuse its layout */
export function checkName(kind: 'node' | 'stream', name: string): string {
  if (!NAME.test(name))
    throw new RangeError(`bad ${kind} name ${JSON.stringify(name)}: letters, digits, . _ -`);
  return name;
}

export const streamDirectory = (spool: string, name: StreamName): string =>
  join(spool, checkName('node', name.node), checkName('stream', name.stream));

export const segmentName = (number: number): string => `${String(number).padStart(9, '0')}.ndjson`;

/** Segment numbers of one stream in order; none when the directory does not exist. */
export function listSegments(directory: string): readonly number[] {
  return entries(directory)
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** All streams under a spool directory that hold at least one segment, by name. */
export const listStreams = (spool: string): readonly StreamName[] =>
  listStreamDirectories(spool).filter((name) => listSegments(streamDirectory(spool, name)).length > 0);

/** Also those that hold none (any more). */
export function listStreamDirectories(spool: string): readonly StreamName[] {
  const names = (directory: string) =>
    entries(directory)
      .filter((name) => NAME.test(name))
      .sort();
  return names(spool).flatMap((node) => names(join(spool, node)).map((stream) => ({ node, stream })));
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Where a spool keeps its checkpoints, and the key that they are signed by. */
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CheckpointKey } from './checkpoint.ts';
import { type StreamName, streamDirectory } from './segments.ts';

const KEY = 'checkpoint.key';
const PUBLIC_KEY = 'checkpoint.pub';
const CHECKPOINTS = 'checkpoints.ndjson';

/** The key of a spool; made if it has none. Whoever else makes one at the same time gets the same. */
export function spoolKey(spool: string): CheckpointKey {
  const path = join(spool, KEY);
  const pem = textOf(path);
  if (pem !== null) return new CheckpointKey(pem);
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, CheckpointKey.generate(), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = new CheckpointKey(readFileSync(path, 'utf8'));
  writeFileSync(join(spool, PUBLIC_KEY), key.publicKey, { mode: 0o644 });
  return key;
}

/** PEM; null: nothing has been signed with a key of the spool's own. */
export const spoolPublicKey = (spool: string): string | null => textOf(join(spool, PUBLIC_KEY));

export const checkpointsPath = (spool: string, stream: StreamName): string =>
  join(streamDirectory(spool, stream), CHECKPOINTS);

export function addCheckpoint(spool: string, stream: StreamName, line: string): void {
  appendFileSync(checkpointsPath(spool, stream), `${line}\n`, { mode: 0o600 });
}

/** Whole lines, in the order in which they were signed. */
export function checkpointLines(spool: string, stream: StreamName): readonly string[] {
  return (textOf(checkpointsPath(spool, stream)) ?? '').split('\n').slice(0, -1);
}

/** Bytes. */
export const checkpointsSize = (spool: string, stream: StreamName): number =>
  statSync(checkpointsPath(spool, stream), { throwIfNoEntry: false })?.size ?? 0;

/** Puts `kept` in the place of the lines that were read; what another process has added behind them stays behind. */
export function replaceCheckpoints(
  spool: string,
  stream: StreamName,
  read: readonly string[],
  kept: readonly string[],
): void {
  const path = checkpointsPath(spool, stream);
  const draft = `${path}.${process.pid}`;
  const length = Buffer.byteLength(textFrom(read));
  const old = openSync(path, 'r');
  try {
    const added = readFileSync(path).subarray(length);
    writeFileSync(draft, Buffer.concat([Buffer.from(textFrom(kept)), added]), { mode: 0o600 });
    renameSync(draft, path);
    // By who had it open at that moment.
    const late = readFileSync(old).subarray(length + added.length);
    if (late.length > 0) appendFileSync(path, late);
  } finally {
    closeSync(old);
  }
}

const textFrom = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

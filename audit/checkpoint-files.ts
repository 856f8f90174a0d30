/** Where a spool keeps its checkpoints, and the key that they are signed by. */
import { appendFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

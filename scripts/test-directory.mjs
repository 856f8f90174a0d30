import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** f_type of statfs(2). */
const TMPFS = 0x01021994;
/** Bytes; several times what a run's files take at most. */
const PLENTY = 6 * 2 ** 30;

/**
 * A directory for the temporary files of one run of the tests, gone when this process ends. Where TMPDIR says nothing
 * else it is in memory, if that has plenty: hundreds of databases are made and dropped.
 */
export function makeTestDirectory() {
  const inMemory = process.env.TMPDIR === undefined && hasPlenty() && runsPrograms();
  const directory = makeIn(inMemory ? MEMORY : tmpdir());
  process.once('exit', () => remove(directory));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  return directory;
}

function hasPlenty() {
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY);
    return type === TMPFS && bavail * bsize > PLENTY && process.availableMemory() > PLENTY;
  } catch {
    return false; // it is Linux that has it
  }
}

/** Containers often forbid it there. */
function runsPrograms() {
  const directory = makeIn(MEMORY);
  const program = join(directory, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(program);
  remove(directory);
  return status === 0;
}

/** Others can enter it, and not look around: PostgreSQL, which does not run as root, must get to its own directories. */
function makeIn(parent) {
  const directory = mkdtempSync(join(parent, 'postern-'));
  chmodSync(directory, 0o711);
  return directory;
}

function remove(directory) {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Preloaded into a process that serves (`node --import`), with workers: a disk that takes SLOW_MS longer for each
 * fdatasync, as one behind a network does. What is asked meanwhile waits for the next, as ever.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { SLOW_MS } from './slow.ts';

const { fdatasync } = fs;

function slowly(fd: number, callback: fs.NoParamCallback): void {
  fdatasync(fd, (error) => setTimeout(callback, SLOW_MS, error));
}

Object.assign(fs, { fdatasync: slowly });
syncBuiltinESMExports();

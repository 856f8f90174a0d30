/** Entry of the thread that checks a spool; see trail-check.ts. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { StreamReport } from '../audit/chain-check.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from '../audit/segments.ts';
import { verify } from '../audit/verify.ts';
import type { CheckNews, CheckOrder } from './trail-check.ts';

const { spool, keys } = workerData as CheckOrder;
const say = (news: CheckNews): void => parentPort?.postMessage(news);

const directories = listStreams(spool).map((stream) => streamDirectory(spool, stream));
const sizes = directories.map((directory) =>
  listSegments(directory)
    .map((number) => statSync(join(directory, segmentName(number)), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0),
);
const all = sizes.reduce((sum, size) => sum + size, 0);

const streams: StreamReport[] = [];
let read = 0;
for (const [i, directory] of directories.entries()) {
  streams.push(...(await verify(directory, { keys })).streams);
  read += sizes[i] ?? 0;
  say({ kind: 'progress', done: all === 0 ? 1 : read / all });
}
say({ kind: 'done', streams });

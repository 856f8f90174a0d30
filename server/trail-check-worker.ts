/** Entry of the thread that checks a trail; see trail-check.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { verifyTrail } from '../audit/store/verify-trail.ts';
import { storeTarget } from './store/store-connection.ts';
import type { CheckNews, CheckOrder } from './trail-check.ts';

/** Told in steps of this share at most. */
const STEP = 1 / 200;

const { spool, store, keys } = workerData as CheckOrder;
const say = (news: CheckNews): void => parentPort?.postMessage(news);

let [expected, checked, told] = [0, 0, 0];
const { streams } = await verifyTrail({
  ...{ spool, store: store && storeTarget(store), keys },
  progress: {
    expect: (events) => {
      expected += events;
    },
    checked: (events) => {
      checked += events;
      const done = Math.min(1, checked / Math.max(1, expected));
      if (done - told < STEP) return;
      told = done;
      say({ kind: 'progress', done });
    },
  },
});
say({ kind: 'done', streams });

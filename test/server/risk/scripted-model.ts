/** Stands where a model's thread does: does what its source says, so that the watchdog has something to watch. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadQuestion } from '../../../server/risk/assessment.ts';

const say = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);
const reasons = ['it is only a test'];

parentPort?.on('message', (asked: ThreadQuestion) => {
  if (asked.kind === 'forget' || asked.kind === 'measure') return;
  const { number } = asked;
  const { sql } = asked.kind === 'assess' ? asked.question : asked.inquiry;
  if (sql === 'hang') for (;;);
  if (sql === 'throw') return say({ kind: 'failed', number, message: 'thrown' });
  if (sql === 'die') process.exit(1);
  const score = { score: sql === 'bad' ? 0.97 : 0.01, reasons, weights: [1] };
  say({
    kind: 'answered',
    number,
    answer: { kind: 'scored', model: 'scripted', statement: score, session: score },
  });
});

if (workerData === 'unusable') say({ kind: 'unusable', message: 'damaged' });
else say({ kind: 'ready', model: String(workerData), points: { statements: [], sessions: [] } });

/** Stands where a model's thread does: does what its source says, so that the watchdog has something to watch. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadQuestion } from '../../../server/risk/assessment.ts';

const say = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);
const reasons = ['it is only a test'];

parentPort?.on('message', (asked: ThreadQuestion) => {
  if (asked.kind === 'forget') return;
  const { number, question } = asked;
  if (question.sql === 'hang') for (;;);
  if (question.sql === 'throw') return say({ kind: 'failed', number, message: 'thrown' });
  if (question.sql === 'die') process.exit(1);
  const score = { score: question.sql === 'bad' ? 0.97 : 0.01, reasons };
  say({
    kind: 'assessed',
    number,
    assessment: { kind: 'scored', model: 'scripted', statement: score, session: score },
  });
});

if (workerData === 'unusable') say({ kind: 'unusable', message: 'damaged' });
else say({ kind: 'ready', model: String(workerData), points: { statements: [], sessions: [] } });

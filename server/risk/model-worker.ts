/** Entry of a model's thread: questions in, scores out. See model-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadQuestion } from './assessment.ts';
import { Assessor } from './assessor.ts';

const say = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);
const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

try {
  const assessor = await Assessor.open(String(workerData));
  parentPort?.on('message', (asked: ThreadQuestion) => {
    if (asked.kind === 'forget') return assessor.forget(asked.session);
    const { number } = asked;
    try {
      const answer =
        asked.kind === 'assess' ? assessor.assess(asked.question) : assessor.inquire(asked.inquiry);
      say({ kind: 'answered', number, answer });
    } catch (fault) {
      say({ kind: 'failed', number, message: messageOf(fault) });
    }
  });
  say({ kind: 'ready', ...assessor.card });
} catch (fault) {
  say({ kind: 'unusable', message: messageOf(fault) });
}

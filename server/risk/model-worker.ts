/** Entry of a model's thread: questions in, scores out. See model-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadQuestion, ThreadReply } from './assessment.ts';
import { Assessor } from './assessor.ts';

const say = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);
const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

function replyTo(assessor: Assessor, asked: Exclude<ThreadQuestion, { kind: 'forget' }>): ThreadReply {
  switch (asked.kind) {
    case 'assess':
      return assessor.assess(asked.question);
    case 'inquire':
      return assessor.inquire(asked.inquiry);
    case 'measure':
      return assessor.measure(asked.sample);
  }
}

try {
  const assessor = await Assessor.open(String(workerData));
  parentPort?.on('message', (asked: ThreadQuestion) => {
    if (asked.kind === 'forget') return assessor.forget(asked.session);
    const { number } = asked;
    try {
      say({ kind: 'answered', number, answer: replyTo(assessor, asked) });
    } catch (fault) {
      say({ kind: 'failed', number, message: messageOf(fault) });
    }
  });
  say({ kind: 'ready', ...assessor.card });
} catch (fault) {
  say({ kind: 'unusable', message: messageOf(fault) });
}

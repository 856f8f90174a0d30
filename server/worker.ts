/** Entry of a worker process; see start.ts. It lives as long as its primary. */
import { AggregatorRegistry, register } from 'prom-client';
import { createLog } from './log.ts';
import { ProxyMetrics } from './metrics.ts';
import { ProxyProcess } from './proxy-process.ts';
import {
  announceCatalogChanged,
  announced,
  answerPrimary,
  type WorkerAnswer,
  type WorkerQuestion,
} from './worker-messages.ts';

let serving: ProxyProcess | null = null;

// Signals go to the whole group (Ctrl-C); the primary decides what they mean.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => {
  if (serving === null) process.exit(0);
  serving.close().finally(() => process.exit(0));
});

// In a worker, making one starts answering the primary's requests for metrics.
new AggregatorRegistry();
answerPrimary(answer);

async function answer(question: WorkerQuestion): Promise<WorkerAnswer> {
  switch (question.kind) {
    case 'start': {
      const logger = createLog(question.config, question.stream);
      serving = new ProxyProcess(question.config, {
        stream: question.stream,
        logger,
        metrics: new ProxyMetrics(register),
        announce: announceCatalogChanged,
      });
      return { kind: 'listening', port: await serving.listen() };
    }
    case 'ready?':
      return { kind: 'readiness', checks: (await serving?.readiness()) ?? { worker: false } };
    case 'catalog-changed':
      serving?.catalogChanged(question.change);
      return { kind: 'noted' };
    case 'announced':
      announced(question.number);
      return { kind: 'noted' };
    case 'worker-died':
      serving?.processDied(question.pid);
      return { kind: 'noted' };
    case 'stop':
      await serving?.close();
      setImmediate(() => process.disconnect());
      serving = null;
      return { kind: 'stopped' };
  }
}

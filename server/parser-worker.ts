/** Entry of the parser's thread: texts in, facts out. See parser-pool.ts. */
import { parentPort } from 'node:worker_threads';
import { extract } from '../guardrails/extract.ts';

parentPort?.on('message', (sql: string) => parentPort?.postMessage(extract(sql)));

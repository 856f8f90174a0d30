/** Entry of a parser's thread: texts in, redacted texts and then facts out. See parser-thread.ts. */
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { Reading } from './parser-host.ts';
import { boundedFacts, redaction } from './parser-reading.ts';

giveWay();

parentPort?.on('message', (sql: string) => {
  const { redacted, secretParameters } = redaction(sql);
  tell(redacted, redacted.json && [redacted.json.buffer]);
  tell({ kind: 'facts', facts: { ...boundedFacts(sql), secretParameters } });
});

function tell(reading: Reading, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reading, transferred);
}

/** On Linux a priority belongs to a thread: the sessions' comes first. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(Math.max(10, getPriority()));
}

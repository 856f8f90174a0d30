/**
 * Every trace, on PostgreSQL itself and through the proxy. What a trace expects is what PostgreSQL does; where the
 * proxy means to differ, the trace says so and why.
 */
import { readdirSync } from 'node:fs';
import test from 'ava';
import { directStage, resetRows, startTracePostgres } from './direct-stage.ts';
import { runTrace } from './runner.ts';
import { readTrace } from './trace-file.ts';

const FOLDER = new URL('.', import.meta.url);
const EMBEDDED_VERSION = 18;

const traces = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.trace'))
  .sort()
  .map((name) => readTrace(new URL(name, FOLDER).pathname, name));

const postgres = await startTracePostgres();
test.after.always(() => postgres.stop());

for (const trace of traces) {
  const name = trace.file.replace('.trace', '');
  if (trace.header.only !== 'proxy' && trace.header.since <= EMBEDDED_VERSION) {
    test.serial(`direct: ${name}`, async (t) => {
      await resetRows(postgres);
      await t.notThrowsAsync(() => runTrace(trace, directStage(postgres, trace)));
    });
  }
}

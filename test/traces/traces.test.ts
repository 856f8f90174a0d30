/**
 * Every trace, on PostgreSQL itself and through the proxy. What a trace expects is what PostgreSQL does; where the
 * proxy means to differ, the trace says so and why.
 */
import { existsSync, readdirSync } from 'node:fs';
import test from 'ava';
import { directStage, resetRows, startTracePostgres } from './direct-stage.ts';
import { proxyStage, startTraceProxy } from './proxy-stage.ts';
import { runTrace } from './runner.ts';
import { readTrace } from './trace-file.ts';

const FOLDER = new URL('.', import.meta.url);
const EMBEDDED = 18;
/** Debian's oldest that is still kept up, run where it is installed. */
const OLDER = existsSync('/usr/lib/postgresql/15/bin/postgres') ? [15] : [];

const traces = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.trace'))
  .sort()
  .map((name) => readTrace(new URL(name, FOLDER).pathname, name));

const servers = await Promise.all(
  [EMBEDDED, ...OLDER].map(async (version) => ({
    version,
    postgres: await startTracePostgres(version === EMBEDDED ? undefined : version),
  })),
);
const postern = await startTraceProxy(servers[0]!.postgres);
test.after.always(async () => {
  await postern.stop();
  await Promise.all(servers.map(({ postgres }) => postgres.stop()));
});

for (const { version, postgres } of servers) {
  for (const trace of traces) {
    if (trace.header.only === 'proxy' || trace.header.since > version) continue;
    test.serial(`PostgreSQL ${version}: ${trace.file}`, async (t) => {
      await resetRows(postgres);
      await t.notThrowsAsync(() => runTrace(trace, directStage(postgres, trace)));
    });
  }
}

for (const pace of ['whole', 'bytes'] as const) {
  for (const trace of traces) {
    if (pace === 'bytes' && trace.header.oneWrite) continue;
    test.serial(`Postern, ${pace}: ${trace.file}`, async (t) => {
      await resetRows(postern.postgres);
      const stage = await proxyStage(postern, trace, pace);
      await t.notThrowsAsync(() => runTrace(trace, stage));
    });
  }
}

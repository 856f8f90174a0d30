/**
 * Writes what PostgreSQL answers into trace files: `node test/traces/record.ts FILE...`. Expected lines outside
 * `only proxy` blocks are replaced by what comes within a moment of each send. Read the result before you trust it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { directStage, resetRows, startTracePostgres } from './direct-stage.ts';
import { grouped, TraceRun } from './runner.ts';
import { parseTrace, type Step, stepsFor } from './trace-file.ts';

const QUIET_MS = 250;

const postgres = await startTracePostgres();
try {
  for (const file of process.argv.slice(2)) {
    await resetRows(postgres);
    writeFileSync(file, await record(readFileSync(file, 'utf8'), basename(file)));
  }
} finally {
  await postgres.stop();
}

async function record(source: string, file: string): Promise<string> {
  const trace = parseTrace(source, file);
  if (trace.header.only === 'proxy') return source;
  const run = new TraceRun(directStage(postgres, trace));
  const expected = new Map<number, string[]>();
  const replaced = new Set<number>();
  try {
    for (const group of grouped(stepsFor(trace, 'direct'))) {
      const step = group[0]!;
      if (step.kind === 'expect') {
        replaced.add(step.line);
        continue;
      }
      await run.step(group);
      const lines = step.text.startsWith('await')
        ? await heardBy(run, others(trace.steps))
        : await heard(run, step);
      expected.set(group.at(-1)!.line, lines);
    }
  } finally {
    run.destroy();
  }
  return source
    .split('\n')
    .flatMap((line, index) => [
      ...(replaced.has(index + 1) ? [] : [line]),
      ...(expected.get(index + 1) ?? []),
    ])
    .join('\n');
}

const others = (steps: readonly Step[]): string[] => [...new Set(steps.map((step) => step.conn))];

const heardBy = async (run: TraceRun, names: readonly string[]): Promise<string[]> =>
  (await Promise.all(names.map((conn) => heard(run, { conn, text: '' })))).flat();

/** All that comes on the step's connection until it is quiet. Settings at startup are one line. */
async function heard(run: TraceRun, step: Pick<Step, 'conn' | 'text'>): Promise<string[]> {
  const connection = await run.connection(step.conn);
  const lines: string[] = [];
  const kind = /^(SSL|GSSENC)Request/.test(step.text) ? 'byte' : 'message';
  for (;;) {
    const line = await connection.receive(kind, QUIET_MS).catch(() => null);
    if (line === null) return lines;
    lines.push(`${step.conn}< ${line}`);
    if (line === 'closed' || kind === 'byte') return lines;
  }
}

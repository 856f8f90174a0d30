/** Examples in files of JSON lines: benign.jsonl, malicious.jsonl, sessions.jsonl of one folder, each of them optional. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionRecord } from '../session/record.ts';
import type { ExampleSource, SessionExample, StatementExample } from './examples.ts';

interface StatementLine {
  readonly sql: string;
  readonly label?: string;
  readonly kind?: string;
  readonly family?: string;
  readonly source?: string;
  readonly base_source?: string;
  readonly context_dependent?: boolean;
  readonly hard?: boolean;
}

interface SessionLine extends SessionRecord {
  readonly label: string;
  readonly scenario: string;
  readonly bad_idx?: readonly number[];
}

export function jsonlSource(folder: string): ExampleSource {
  const lines = <Line>(file: string): readonly Line[] => {
    const path = join(folder, file);
    return existsSync(path) ? linesOf<Line>(readFileSync(path, 'utf8'), path) : [];
  };
  return {
    name: folder,
    statements: () => [
      ...lines<StatementLine>('benign.jsonl').map((line) => statementOf(line, false)),
      ...lines<StatementLine>('malicious.jsonl').map((line) => statementOf(line, true)),
    ],
    sessions: () => lines<SessionLine>('sessions.jsonl').map(sessionOf),
  };
}

export function linesOf<Line>(text: string, path: string): readonly Line[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => {
      try {
        return JSON.parse(line) as Line;
      } catch {
        throw new Error(`${path}: line ${number} is not JSON`);
      }
    });
}

function statementOf(line: StatementLine, bad: boolean): StatementExample {
  const source = line.source ?? 'unknown';
  return {
    sql: line.sql,
    bad,
    kind: line.family ?? line.kind ?? 'unknown',
    source: bad ? toolOf(source) : source,
    contextual: line.context_dependent === true,
    hard: line.hard === true,
    ...(line.base_source === undefined ? {} : { base: line.base_source }),
  };
}

/** Sources that tell the same: outputs of one tool; statements that one author wrote over several schemas. */
function toolOf(source: string): string {
  if (/sqlmap|HttpParams/i.test(source)) return 'sqlmap';
  if (source === 'composed' || source.startsWith('schema of')) return 'composed';
  return source;
}

function sessionOf({ label, scenario, bad_idx, ...session }: SessionLine): SessionExample {
  return { session, scenario, bad: label === 'benign' ? [] : (bad_idx ?? []) };
}

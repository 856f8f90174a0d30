import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { AuditEvent, SessionRef, SpooledEvent } from '../../audit/events.ts';
import { listSegments, segmentName } from '../../audit/segments.ts';
import { Spool, type SpoolOptions } from '../../audit/spool.ts';

export const ref: SessionRef = {
  session: 's-1',
  grant: 'g7k2m9qd',
  principal: 'alice',
  database: 'shop',
  client: '127.0.0.1:50000',
};

export const statement = (number: number, sql = `SELECT ${number}`): AuditEvent => ({
  type: 'statement',
  ...ref,
  statement: number,
  via: 'query',
  decision: 'allow',
  sql,
  tags: ['SELECT'],
  needs: [],
  reasons: [],
  sqlstate: null,
});

export const statementEnd = (number: number): AuditEvent => ({
  type: 'statement.end',
  ...ref,
  statement: number,
  rows: 1,
  bytes: 11,
  durationMs: 0.4,
  tag: 'SELECT 1',
  sqlstate: null,
  cut: null,
});

/** A directory that goes away with the test. */
export function temporary(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'postern-audit-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const options = (directory: string, more: Partial<SpoolOptions> = {}): SpoolOptions => ({
  directory,
  node: 'n1',
  stream: 'w1',
  fsync: 'never',
  ...more,
});

/** A spool with `count` statement events, written and closed. */
export async function written(
  directory: string,
  count: number,
  more: Partial<SpoolOptions> = {},
): Promise<void> {
  const spool = Spool.open(options(directory, more));
  for (let number = 1; number <= count; number += 1) {
    spool.append(statement(number));
    await spool.commit();
  }
  await spool.close();
}

export const streamPath = (directory: string, stream = 'w1') => join(directory, 'n1', stream);
export const segmentPath = (directory: string, number = 1, stream = 'w1') =>
  join(streamPath(directory, stream), segmentName(number));

/** All whole lines of a stream as they stand, parsed. */
export function eventsOf(directory: string, stream = 'w1'): SpooledEvent[] {
  return listSegments(streamPath(directory, stream))
    .map((number) => readFileSync(segmentPath(directory, number, stream), 'utf8'))
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line) as SpooledEvent);
}

/** How grants went, as far as the end of this node's trail tells. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { SpooledEvent } from '../../audit/events.ts';
import { listSegments, listStreams, segmentName, streamDirectory } from '../../audit/segments.ts';
import { StreamReader } from '../../audit/stream-reader.ts';

export interface GrantCourse {
  readonly sessions: number;
  readonly statements: number;
  readonly denied: number;
  /** Alarms of the risk model. */
  readonly alarms: number;
  /** Before its time; null: it was not, or not yet. */
  readonly ended: 'revoked' | 'returned' | null;
}

/** Bytes of each stream that are read, a segment at least. */
const MOST_BYTES = 32 * 1024 * 1024;
/** ms after which the rest is left unread: somebody waits for it. */
const MOST_TIME = 1_000;

const NOTHING: GrantCourse = { sessions: 0, statements: 0, denied: 0, alarms: 0, ended: null };

/** Of each of `grants`. */
export async function coursesOf(
  spool: string,
  grants: ReadonlySet<string>,
): Promise<ReadonlyMap<string, GrantCourse>> {
  const courses = new Map([...grants].map((grant) => [grant, NOTHING]));
  if (grants.size === 0) return courses;
  const until = performance.now() + MOST_TIME;
  for (const name of listStreams(spool)) {
    const directory = streamDirectory(spool, name);
    for await (const event of new StreamReader(directory, firstSegment(directory)).events()) {
      const grant = 'grant' in event ? event.grant : null;
      const before = grant == null ? undefined : courses.get(grant);
      if (before !== undefined && grant != null) courses.set(grant, after(before, event));
      if (performance.now() > until) return courses;
    }
  }
  return courses;
}

function firstSegment(directory: string): number {
  let bytes = 0;
  let first = 0;
  for (const segment of listSegments(directory).toReversed()) {
    bytes += statSync(join(directory, segmentName(segment))).size;
    if (first !== 0 && bytes > MOST_BYTES) break;
    first = segment;
  }
  return first;
}

function after(course: GrantCourse, event: SpooledEvent): GrantCourse {
  switch (event.type) {
    case 'session.end':
      return {
        ...course,
        sessions: course.sessions + 1,
        statements: course.statements + event.statements,
        denied: course.denied + event.denied,
      };
    case 'risk.flag':
      return { ...course, alarms: course.alarms + 1 };
    case 'grant.revoke':
      return { ...course, ended: 'revoked' };
    case 'grant.return':
      return { ...course, ended: 'returned' };
    default:
      return course;
  }
}

import type { AuditEventType } from '../audit/events.ts';
import { tailTrail } from '../audit/store/tail-trail.ts';
import type { TrailPlaces } from '../audit/store/whole-trail.ts';
import { AuditLines } from './audit-line.ts';

export interface TailOptions {
  readonly follow?: true;
  readonly json?: true;
  readonly lines: number;
  readonly type?: AuditEventType[];
  readonly grant?: string;
  readonly session?: string;
}

/** A statement that has run for this long is shown before its end. */
const RUNNING_MS = 1000;

/** Prints to standard output until the end, or, following, until interrupted. */
export async function runTail(places: TrailPlaces, options: TailOptions): Promise<void> {
  const { type, grant, session } = options;
  const filter = { ...(type && { types: type }), ...(grant && { grant }), ...(session && { session }) };
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const lines = new AuditLines(process.stdout.isTTY === true && process.stdout.hasColors());
  const show = (text: string | null) => text !== null && console.log(text);
  const late = setInterval(() => {
    for (const line of lines.running(new Date(Date.now() - RUNNING_MS).toISOString())) console.log(line);
  }, RUNNING_MS);
  try {
    const selection = { count: options.lines, filter, ...(options.follow && { follow: stop.signal }) };
    for await (const event of tailTrail(places, selection)) {
      show(options.json ? JSON.stringify(event) : lines.line(event));
    }
    for (const line of lines.running('~')) console.log(line);
  } finally {
    clearInterval(late);
  }
}

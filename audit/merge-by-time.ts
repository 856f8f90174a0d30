import type { SpooledEvent } from './events.ts';

/** Events in the order of their chain. */
export interface TimedSource {
  readonly events: AsyncGenerator<SpooledEvent>;
  /** ISO 8601 UTC: it has none before, and need not be asked until then. Absent: nobody knows. */
  readonly since?: string | undefined;
}

interface Open {
  readonly events: AsyncGenerator<SpooledEvent>;
  next: SpooledEvent;
}

/**
 * All events in the order of time, of one source in its own order whatever its clock did. There may be thousands of
 * sources (one of each command that was run) of which few have anything at the same time (one of each worker): the
 * earliest is found by looking at each of those.
 */
export async function* mergeByTime(sources: readonly TimedSource[]): AsyncGenerator<SpooledEvent> {
  const waiting = sources.toSorted((a, b) => ((a.since ?? '') < (b.since ?? '') ? 1 : -1));
  const open: Open[] = [];
  for (;;) {
    const earliest = open.reduce<Open | null>((a, b) => (a === null || b.next.at < a.next.at ? b : a), null);
    const source = waiting.at(-1);
    if (source !== undefined && (earliest === null || (source.since ?? '') <= earliest.next.at)) {
      waiting.pop();
      const first = await source.events.next();
      if (first.done !== true) open.push({ events: source.events, next: first.value });
      continue;
    }
    if (earliest === null) return;
    yield earliest.next;
    const next = await earliest.events.next();
    if (next.done === true) open.splice(open.indexOf(earliest), 1);
    else earliest.next = next.value;
  }
}

/**
 * INVARIANT (audit before forward): bytes for an upstream leave only after the trail holds the events that were
 * appended before them. All sessions that became ready in one turn of the event loop share one commit.
 */
import type { AuditTrail } from './ports.ts';

export interface Committed {
  /** The trail has this session's events: send what is queued. */
  flushUpstream(): void;
  /** It could not be written: nothing that is queued may leave. */
  trailFailed(): void;
}

export class Committer {
  readonly #trail: AuditTrail;
  #waiting: Committed[] = [];

  constructor(trail: AuditTrail) {
    this.#trail = trail;
  }

  schedule(session: Committed): void {
    if (this.#waiting.push(session) === 1) setImmediate(() => this.#commit());
  }

  #commit(): void {
    const sessions = this.#waiting;
    this.#waiting = [];
    const outcome = this.#trail.commit();
    if (typeof outcome === 'boolean') settle(sessions, outcome);
    else
      outcome.then(
        (written) => settle(sessions, written),
        () => settle(sessions, false),
      );
  }
}

function settle(sessions: readonly Committed[], written: boolean): void {
  for (const session of sessions) {
    if (written) session.flushUpstream();
    else session.trailFailed();
  }
}

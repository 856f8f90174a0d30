/**
 * INVARIANT (audit before forward): bytes for an upstream leave only after the trail holds the events that were
 * appended before them. All sessions that became ready in one turn of the event loop share one commit.
 */
import type { Outbox } from './outbox.ts';
import type { AuditTrail } from './ports.ts';

export interface Committed {
  /** What is queued for the upstream, to be sent once the trail has its events: what comes now is for another commit. */
  takeQueued(): Outbox;
  /** The trail has the events of what was queued: send it. */
  flushUpstream(queued: Outbox): void;
  /** They could not be written: nothing that is queued may leave. */
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

  /** INVARIANT: what is queued while the disk is waited for rests on events that this commit does not have. */
  #commit(): void {
    const batches = this.#waiting.map((session): Batch => [session, session.takeQueued()]);
    this.#waiting = [];
    const outcome = this.#trail.commit();
    if (typeof outcome === 'boolean') settle(batches, outcome);
    else
      outcome.then(
        (written) => settle(batches, written),
        () => settle(batches, false),
      );
  }
}

type Batch = readonly [session: Committed, queued: Outbox];

function settle(batches: readonly Batch[], written: boolean): void {
  for (const [session, queued] of batches) {
    if (written) session.flushUpstream(queued);
    else session.trailFailed();
  }
}

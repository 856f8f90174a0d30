import type { Hold, HoldOutcome } from '../../proxy/ports.ts';
import { newGrantId } from '../token.ts';
import { type Held, type HoldForm, heldFrom } from './held.ts';
import type { HoldStore } from './hold-store.ts';

/** ms between looks at each statement that waits: for messages that were lost. */
const LOOK = 1_000;

export interface Waiting {
  /** ms */
  readonly wait: number;
  /** Called once reviewers can see it. */
  readonly asked: (hold: Hold) => void;
  /** Withdraws it. */
  readonly signal: AbortSignal;
}

type Decided = Extract<HoldOutcome, { kind: 'approved' | 'denied' | 'expired' }>;

/** The statements of this process that wait for a reviewer. */
export class WaitingHolds {
  readonly #store: HoldStore;
  readonly #now: () => number;
  readonly #looks = new Map<string, () => void>();

  constructor(store: HoldStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** A message says that it was decided on. */
  told(id: string): void {
    this.#looks.get(id)?.();
  }

  /** Never rejects. INVARIANT: what the store can't confirm is not approved. */
  async ask(form: HoldForm, { wait, asked, signal }: Waiting): Promise<HoldOutcome> {
    const held = heldFrom(newGrantId(), form, this.#now(), wait);
    try {
      if (!(await this.#store.begin(held))) return { kind: 'crowded' };
    } catch {
      return { kind: 'unreachable' };
    }
    const outcome = signal.aborted ? null : await this.#untilDecided(held, { wait, asked, signal });
    if (outcome === null) {
      this.#store.withdraw(held).catch(() => undefined); // it expires in any case
      return { kind: 'withdrawn' };
    }
    this.#store.leave(held).catch(() => undefined); // counts until its time is over
    return outcome;
  }

  /** null: it was withdrawn. */
  async #untilDecided(held: Held, { wait, asked, signal }: Waiting): Promise<Decided | null> {
    const { promise, resolve } = Promise.withResolvers<Decided | null>();
    const settle = (found: Held | null): void => {
      const decided = found && decisionOf(found);
      if (decided !== null) resolve(decided);
    };
    const look = (): void => void this.#store.get(held.id).then(settle, () => undefined);
    const expire = (): void =>
      void this.#store.expire(held.id).then(
        (found) => resolve((found && decisionOf(found)) ?? { kind: 'expired' }),
        () => resolve({ kind: 'expired' }),
      );
    const withdraw = (): void => resolve(null);
    const looking = setInterval(look, LOOK).unref();
    const timer = setTimeout(expire, wait).unref();
    signal.addEventListener('abort', withdraw, { once: true });
    this.#looks.set(held.id, look);
    asked({ id: held.id, wait });
    look(); // it may have been decided on before its id was listened to
    const outcome = await promise;
    this.#looks.delete(held.id);
    signal.removeEventListener('abort', withdraw);
    clearTimeout(timer);
    clearInterval(looking);
    return outcome;
  }
}

function decisionOf({ state }: Held): Decided | null {
  switch (state.kind) {
    case 'pending':
      return null;
    case 'approved':
      return { kind: 'approved', by: state.by, comment: state.comment };
    case 'denied':
      return { kind: 'denied', by: state.by, reason: state.reason };
    case 'expired':
      return { kind: 'expired' };
    default:
      return state satisfies never;
  }
}

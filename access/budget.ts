import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Budget } from '../proxy/ports.ts';
import type { GrantLimits } from './grant.ts';
import { type GrantKeys, grantKeys, type RedisClient } from './redis.ts';
import { GIVE_BACK, LEASE } from './scripts.ts';

/** Taken in advance while much is left, so that most deliveries need no round trip. */
const ROWS_CHUNK = 1000;
const BYTES_CHUNK = 1_000_000;
const STATEMENTS_CHUNK = 100;
/** A session that needs lease after lease takes twice as much each time, up to so many chunks. */
const MOST_CHUNKS = 64;

/** ms after which an idle session gives its leases back. */
const IDLE = 100;
/** ms between attempts while others are asked to give theirs back; then the total counts as spent. */
const RECALL_DELAYS = [2, 5, 10, 20, 40, 80, 160, 320];
/** ms between attempts while the store is out of reach; the grace ends the session if that lasts. */
const OUTAGE_DELAY = 100;

/** In the scripts, for a dimension without a limit. */
const NO_LIMIT = -1;

type LeaseReply =
  | readonly ['leased', rows: number, bytes: number, statements: number]
  | readonly ['spent', holders: number]
  | readonly ['gone'];

interface Need {
  readonly rows: number;
  readonly bytes: number;
  readonly statements: number;
}

const NOTHING: Need = { rows: 0, bytes: 0, statements: 0 };

export interface BudgetOwner {
  readonly grant: string;
  readonly session: string;
  readonly limits: GrantLimits;
  /** Unix ms; later once the grant is extended. */
  expiresAt(): number;
  /** False once the session is to end; nothing is leased any more. */
  live(): boolean;
  /** Ask the other sessions of the grant, on all nodes, to give unused leases back. */
  recall(): void;
}

/**
 * A session's part of its grant's cumulative limits, by leases from the total in Redis.
 *
 * INVARIANT: what all sessions have delivered and hold is never more than what Redis counts as taken, and that is never
 * more than the limit. What a process held when it died stays taken.
 */
export class LeasedBudget implements Budget {
  readonly rowsPerStatement: number | null;
  /** Leased and not yet delivered; the session subtracts what it delivers. Infinity: no limit. Below 0: on credit. */
  rows: number;
  bytes: number;
  #statements: number;
  readonly #redis: RedisClient;
  readonly #owner: BudgetOwner;
  readonly #keys: GrantKeys;
  /** Number of our newest lease; GIVE_BACK names it, so that nothing is given back twice. */
  #lease = 0;
  #chunks = 1;
  #holding = false;
  #closed = false;
  /** Leasing and giving back take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | undefined;
  /** How often the session went idle: unchanged for a while means that it stayed so. */
  #idles = 0;

  constructor(redis: RedisClient, owner: BudgetOwner) {
    this.#redis = redis;
    this.#owner = owner;
    this.#keys = grantKeys(owner.grant);
    const { limits } = owner;
    this.rowsPerStatement = limits.rowsPerStatement;
    this.rows = limits.rows === null ? Number.POSITIVE_INFINITY : 0;
    this.bytes = limits.bytes === null ? Number.POSITIVE_INFINITY : 0;
    this.#statements = limits.statements === null ? Number.POSITIVE_INFINITY : 0;
  }

  /**
   * Leases until `rows` and `bytes` are at least `need`. False when the grant's total is spent (or the session is over).
   * While the store is out of reach it waits. The lease is certain only until the caller next awaits: a recall may
   * take it back.
   */
  replenish(need: { readonly rows: number; readonly bytes: number }): Promise<boolean> {
    return this.#take({ ...need, statements: 0 });
  }

  spendStatements(count: number): boolean | Promise<boolean> {
    if (this.#statements >= count) return this.#spend(count);
    return this.#take({ rows: 0, bytes: 0, statements: count });
  }

  idle(): void {
    if (!this.#holding) return;
    this.#idles += 1;
    if (this.#idleTimer === undefined) this.#watchIdle();
  }

  /** Gives back what is leased and not delivered. Never rejects: what can't be given back stays taken. */
  giveBack(): Promise<void> {
    return this.#inTurn(async () => {
      await setImmediate(); // whoever was just given a lease goes first, or would deliver what is gone
      if (this.#holding) await this.#giveBack();
    });
  }

  /** The last giving back; nothing is leased afterwards. */
  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    void this.#inTurn(() => this.#tryLease(NOTHING)); // pays what was delivered on credit, such as errors
    return this.giveBack();
  }

  #spend(count: number): true {
    this.#statements -= count;
    return true;
  }

  /** One timer for many statements. */
  #watchIdle(): void {
    const idles = this.#idles;
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.#idles === idles) void this.giveBack();
      else this.#watchIdle();
    }, IDLE);
    this.#idleTimer.unref();
  }

  #take(need: Need): Promise<boolean> {
    return this.#inTurn(async () => {
      const recallDelays = RECALL_DELAYS.values();
      while (!this.#closed && this.#owner.live()) {
        const outcome = await this.#tryLease(need);
        if (outcome === 'leased') return this.#spend(need.statements);
        if (outcome === 'spent') return false;
        if (outcome === 'held') {
          await this.#giveBack(); // too little for us may be enough for one that waits for us
          this.#owner.recall();
        }
        const pause = outcome === 'held' ? recallDelays.next().value : OUTAGE_DELAY;
        if (pause === undefined) return false;
        await delay(pause);
      }
      return false;
    });
  }

  async #tryLease(need: Need): Promise<'leased' | 'spent' | 'held' | 'unreachable'> {
    const { session, limits } = this.#owner;
    const rows = Math.max(need.rows - this.rows, 0);
    const bytes = Math.max(need.bytes - this.bytes, 0);
    const statements = Math.max(need.statements - this.#statements, 0);
    if (rows + bytes + statements === 0) return 'leased';
    this.#lease += 1;
    this.#holding = true; // also if the answer is lost: then Redis may count us as a holder
    const dimensions = [
      ...[rows, ROWS_CHUNK * this.#chunks, limits.rows],
      ...[bytes, BYTES_CHUNK * this.#chunks, limits.bytes],
      ...[statements, STATEMENTS_CHUNK * this.#chunks, limits.statements],
    ];
    const { grant, usage, leases, sessions } = this.#keys;
    const reply = await LEASE.run(this.#redis, {
      keys: [grant, usage, leases, sessions],
      args: [session, this.#lease, this.#owner.expiresAt(), ...dimensions.map((value) => value ?? NO_LIMIT)],
    }).catch(() => null);
    return reply === null ? 'unreachable' : this.#conclude(reply as LeaseReply);
  }

  #conclude(reply: LeaseReply): 'leased' | 'spent' | 'held' {
    switch (reply[0]) {
      case 'leased':
        this.rows += reply[1];
        this.bytes += reply[2];
        this.#statements += reply[3];
        this.#chunks = Math.min(2 * this.#chunks, MOST_CHUNKS);
        return 'leased';
      case 'spent':
        return reply[1] > 0 ? 'held' : 'spent';
      case 'gone':
        return 'spent';
    }
  }

  async #giveBack(): Promise<void> {
    const unused = [this.rows, this.bytes, this.#statements].map(finite);
    this.#holding = false;
    this.#chunks = 1;
    this.rows = emptied(this.rows);
    this.bytes = emptied(this.bytes);
    this.#statements = emptied(this.#statements);
    await GIVE_BACK.run(this.#redis, {
      keys: [this.#keys.usage, this.#keys.leases],
      args: [this.#owner.session, this.#lease, ...unused],
    }).catch(() => undefined);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** What is left to give back; a dimension without a limit has nothing. */
function finite(amount: number): number {
  return Number.isFinite(amount) ? Math.max(amount, 0) : 0;
}

/** What was delivered on credit stays owed, and is part of the next lease. */
function emptied(amount: number): number {
  return Number.isFinite(amount) ? Math.min(amount, 0) : amount;
}

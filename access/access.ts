/**
 * access/: who may log in, for how long, and how much they may still take. Grants live in Redis, signed by whoever
 * issues them and verified whenever they are read; nothing here knows of SQL or of the wire.
 *
 *   grant, address-filter           the grant form
 *   token, scram-verifier           the secret, and what is kept instead of it
 *   canonical-json, signing,
 *   sealed-grant                    why a grant in Redis can be believed
 *   redis, script, scripts          connections, keys, and the Lua that is atomic in Redis
 *   grant-store                     make, read, list, revoke
 *   redis-access, redis-admission   login: find, admit; what the proxy sees
 *   open-sessions, control,
 *   periodic-check                  how a session learns that it is over: timer, message, safety net
 *   budget                          cumulative limits, exact over all processes
 *   session-registry                who is connected
 *   habits, habit-book,
 *   habit-filter, habit-measures    what is usual for whom
 *   policy/                         which rule decides on a request, and the most it gives
 *   requests/                       who asked for what, who approved it, and the grant that came of it
 *   accounts/                       who may use the HTTP API: accounts, tokens, logins
 *   holds/                          statements that wait for a reviewer, and who waits for them
 *   events/                         what receivers outside are still to be told
 *   model-store                     the risk model that all nodes use
 *   verdict-book                    what reviewers made of its alarms
 *   request-rate                    how often models may be asked over HTTP
 *   refusals                        every refusal and ending, in words
 *
 * This file wires them.
 */
import { hostname } from 'node:os';
import { EventQueue } from './events/event-queue.ts';
import { GrantStore, type RecordEvent } from './grant-store.ts';
import { Habits } from './habits.ts';
import { HoldStore } from './holds/hold-store.ts';
import { WaitingHolds } from './holds/waiting-holds.ts';
import { ModelStore } from './model-store.ts';
import { type Clock, systemClock } from './open-sessions.ts';
import { connectRedis, type RedisTarget } from './redis.ts';
import { RedisAccess } from './redis-access.ts';
import { RequestRate } from './request-rate.ts';
import { RequestStore } from './requests/request-store.ts';
import { SessionRegistry } from './session-registry.ts';
import { Signer } from './signing.ts';
import { VerdictBook } from './verdict-book.ts';

export interface IssuerOptions {
  readonly redis: RedisTarget;
  readonly signingKey: string;
  /** Takes the audit events of grants made and revoked. */
  readonly record: RecordEvent;
  readonly warn?: (message: string) => void;
}

export interface AccessOptions extends IssuerOptions {
  /** Name of this process, for the session list. */
  readonly node?: string;
  /** ms that sessions may go on without Redis. */
  readonly grace?: number;
  /** ms between checks of grants with open sessions. */
  readonly checkInterval?: number;
  readonly clock?: Clock;
}

/** What the command line and the API need: grants and sessions, without serving logins. */
export interface Issuer {
  readonly store: GrantStore;
  readonly registry: SessionRegistry;
  readonly habits: Habits;
  readonly models: ModelStore;
  readonly verdicts: VerdictBook;
  readonly requests: RequestStore;
  readonly events: EventQueue;
  readonly holds: HoldStore;
  close(): void;
}

export interface AccessHandle extends Issuer {
  readonly access: RedisAccess;
  readonly rate: RequestRate;
  /** The held statements of this process. */
  readonly waiting: WaitingHolds;
  /** Whether Redis answers now. */
  reachable(): Promise<boolean>;
}

/** Throws SigningKeyError. Connects in the background; what is asked for meanwhile waits a few seconds at most. */
export function createIssuer(options: IssuerOptions): Issuer {
  const parts = connect(options, systemClock);
  const { redis, store, registry, habits, models, verdicts, requests, events, holds } = parts;
  const stores = { store, registry, habits, models, verdicts, requests, events, holds };
  return { ...stores, close: () => redis.disconnect() };
}

/** The same with the proxy's `Access` port. One a process. */
export function createAccess(options: AccessOptions): AccessHandle {
  const clock = options.clock ?? systemClock;
  const parts = connect(options, clock);
  const subscriber = connectRedis(options.redis, () => undefined); // the other connection has told already
  const access = new RedisAccess({
    ...parts,
    subscriber,
    clock,
    node: options.node ?? `${hostname()}:${process.pid}`,
    grace: options.grace ?? 10_000,
    checkInterval: options.checkInterval ?? 500,
  });
  const close = (): void => {
    access.close();
    void parts.habits.close();
    parts.redis.disconnect();
    subscriber.disconnect();
  };
  const reachable = (): Promise<boolean> =>
    parts.redis.ping().then(
      () => true,
      () => false,
    );
  const { store, registry, habits, models, verdicts, requests, events, holds } = parts;
  const waiting = new WaitingHolds(holds, () => clock.now());
  access.onHold((id) => waiting.told(id));
  const rate = new RequestRate(parts.redis);
  const stores = { store, registry, habits, models, verdicts, requests, events, holds };
  return { access, rate, waiting, ...stores, reachable, close };
}

function connect({ redis: target, signingKey, record, warn = () => {} }: IssuerOptions, clock: Clock) {
  const signer = new Signer(signingKey);
  const redis = connectRedis(target, (error) => warn(`Redis: ${error.message}`));
  const store = new GrantStore(redis, signer, record, () => clock.now());
  const habits = new Habits({ redis, signer, now: () => clock.now(), warn });
  const models = new ModelStore(redis, signer);
  const verdicts = new VerdictBook(redis, signer);
  const holds = new HoldStore(redis, signer, { record, now: () => clock.now() });
  const requests = new RequestStore(redis, signer, { grants: store, record, now: () => clock.now() });
  const registry = new SessionRegistry(redis, signer);
  const events = new EventQueue(redis, signer);
  return { redis, signer, store, registry, habits, models, verdicts, requests, events, holds, warn };
}

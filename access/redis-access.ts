import { createHash } from 'node:crypto';
import type { Access, EndSession, GrantTicket, LoginFacts } from '../proxy/ports.ts';
import type { AccessParts } from './access-parts.ts';
import { AddressFilter } from './address-filter.ts';
import { ControlChannel, type ControlMessage, sendControl } from './control.ts';
import type { Grant } from './grant.ts';
import { type GrantSessions, OpenSession, OpenSessions } from './open-sessions.ts';
import { PeriodicCheck, sessionLifetime } from './periodic-check.ts';
import { grantKeys } from './redis.ts';
import { giveSlotBack, RedisAdmission } from './redis-admission.ts';
import { isRefusalCause, type Refusal, type RefusalCause, refusal, refusalForEnding } from './refusals.ts';
import { ADMIT } from './scripts.ts';
import { TamperedGrantError, type VerifiedGrant } from './sealed-grant.ts';
import type { SessionInfo } from './session-registry.ts';

type CancelListener = Parameters<Access['onCancel']>[0];

/** Cancel requests come from anybody; this many on their way to the other nodes at a time, the rest is dropped. */
const MAX_CANCELS = 100;

/** Who may log in now, and for how long: the `Access` port of the proxy over Redis. */
export class RedisAccess implements Access {
  readonly #parts: AccessParts;
  readonly #sessions: OpenSessions;
  readonly #check: PeriodicCheck;
  readonly #control: ControlChannel;
  readonly #verified = new WeakMap<GrantTicket, VerifiedGrant>();
  readonly #cancelListeners: CancelListener[] = [];
  readonly #revocationListeners: ((grant: string) => void)[] = [];
  readonly #extensionListeners: ((grant: Grant) => void)[] = [];
  readonly #holdListeners: ((hold: string) => void)[] = [];
  #cancelsUnderway = 0;

  constructor(parts: AccessParts) {
    const { redis, subscriber, signer, clock, grace, checkInterval, warn } = parts;
    this.#parts = parts;
    this.#sessions = new OpenSessions(clock, ({ grant }) => {
      for (const listener of this.#extensionListeners) listener(grant);
    });
    this.#check = new PeriodicCheck(redis, this.#sessions, {
      ...{ interval: checkInterval, grace, elapsed: () => clock.elapsed() },
      read: (grant) => parts.store.get(grant),
    });
    redis.on('ready', () => this.#check.now());
    this.#control = new ControlChannel(subscriber, signer, {
      received: (message) => this.#obey(message),
      live: () => this.#check.now(),
      forged: () =>
        warn('a control message without a valid signature was ignored: who else writes to Redis?'),
    });
  }

  /** The grant under this id: active, or over since a short while so that its holder can be told. */
  async find(grantId: string): Promise<GrantTicket | Refusal | null> {
    try {
      const { store } = this.#parts;
      const verified = (await store.get(grantId)) ?? (await store.getPast(grantId));
      return verified && this.#ticket(verified);
    } catch (error) {
      if (!(error instanceof TamperedGrantError)) return refusal('store-unreachable', { id: grantId });
      this.#parts.warn(error.message);
      return refusal('tampered', { id: grantId });
    }
  }

  /** What a ticket's grant allows. Throws if the ticket does not come from `find`. */
  grantOf(ticket: GrantTicket): Grant {
    return this.#verifiedOf(ticket).grant;
  }

  /**
   * Redeems one login. INVARIANT: the session is known here, and the control channel is live, before the store is asked;
   * a revocation is then either seen by the script or received by us.
   */
  async admit(ticket: GrantTicket, login: LoginFacts, end: EndSession): Promise<RedisAdmission | Refusal> {
    const verified = this.#verifiedOf(ticket);
    const { grant } = verified;
    const cause = this.#localFault(verified, login);
    if (cause) return refusal(cause, grant);
    const session = new OpenSession(login.session, ({ reason, error }) => end(reason, error));
    const sessions = this.#sessions.add(verified, session);
    if (!sessions) return refusal('tampered', grant);
    const outcome = await this.#redeemNewest(sessions, login).catch((): RefusalCause => 'store-unreachable');
    if (outcome === 'admitted' && !session.ended) {
      session.admitted = true;
      return new RedisAdmission(this.#parts, this.#sessions, sessions, session, this.#info(grant, login));
    }
    this.#sessions.remove(sessions, session);
    if (outcome === 'admitted' || outcome === 'store-unreachable') {
      void giveSlotBack(this.#parts.redis, grant.id, session.id, true);
    }
    return outcome === 'admitted' ? refusalForEnding(session.ended!) : refusal(outcome, grant);
  }

  /** To the other processes; dropped when too many are under way or Redis is out of reach. */
  broadcastCancel(processId: number, secretKey: Uint8Array): void {
    if (this.#cancelsUnderway >= MAX_CANCELS) return;
    this.#cancelsUnderway += 1;
    const secretKeyHash = createHash('sha256').update(secretKey).digest('hex');
    sendControl(this.#parts.redis, this.#parts.signer, { type: 'cancel', processId, secretKeyHash })
      .catch(() => undefined)
      .finally(() => {
        this.#cancelsUnderway -= 1;
      });
  }

  /** `secretKeyHash` is SHA-256 of the secret key, in hex. Our own broadcasts come back to us too. */
  onCancel(listener: CancelListener): void {
    this.#cancelListeners.push(listener);
  }

  /** Be told of revoked grants. A message may be lost; their sessions end in any case. */
  onRevoked(listener: (grant: string) => void): void {
    this.#revocationListeners.push(listener);
  }

  /** Be told of held statements that were decided on. A message may be lost. */
  onHold(listener: (hold: string) => void): void {
    this.#holdListeners.push(listener);
  }

  /** Be told of grants with open sessions here that have a later end now. */
  onExtended(listener: (grant: Grant) => void): void {
    this.#extensionListeners.push(listener);
  }

  close(): void {
    this.#check.close();
    this.#sessions.close();
  }

  #ticket(verified: VerifiedGrant): GrantTicket {
    const { grant, verifier, expiresAt } = verified;
    const ticket = {
      id: grant.id,
      principal: grant.principal.id,
      database: grant.database,
      expiresAt,
      verifier,
    };
    this.#verified.set(ticket, verified);
    return ticket;
  }

  #verifiedOf(ticket: GrantTicket): VerifiedGrant {
    const verified = this.#verified.get(ticket);
    if (!verified) throw new TypeError('this ticket does not come from find()');
    return verified;
  }

  /** What can be refused without asking the store. */
  #localFault({ grant, use, expiresAt }: VerifiedGrant, login: LoginFacts): RefusalCause | null {
    if (this.#parts.clock.now() >= expiresAt) return 'expired';
    if (use === 'past') return 'revoked';
    if (login.database !== grant.database) return 'wrong-database';
    const { from } = grant.limits;
    if (from && !new AddressFilter(from).admits(login.address)) return 'wrong-address';
    return null;
  }

  /** A grant may have been extended since its document was read. */
  async #redeemNewest(sessions: GrantSessions, login: LoginFacts): Promise<RefusalCause | 'admitted'> {
    const outcome = await this.#redeem(sessions, login);
    if (outcome !== 'tampered') return outcome;
    const newest = await this.#parts.store.get(sessions.id).catch((fault: unknown) => {
      if (fault instanceof TamperedGrantError) return null;
      throw fault;
    });
    return newest !== null && sessions.follow(newest) ? this.#redeem(sessions, login) : outcome;
  }

  async #redeem(sessions: GrantSessions, login: LoginFacts): Promise<RefusalCause | 'admitted'> {
    const { redis, clock, grace } = this.#parts;
    const { grant, signature, expiresAt } = sessions.verified;
    await this.#control.whenLive();
    const keys = grantKeys(grant.id);
    const { connections, logins } = grant.limits;
    const askedAt = clock.elapsed();
    const outcome = await ADMIT.run(redis, {
      keys: [keys.grant, keys.sessions, keys.usage, keys.who, keys.leases],
      args: [
        signature,
        login.session,
        expiresAt,
        connections ?? -1,
        logins ?? -1,
        sessionLifetime(grace),
        JSON.stringify(this.#info(grant, login)),
      ],
    });
    if (outcome === 'admitted') sessions.seenAt = Math.max(sessions.seenAt, askedAt);
    else if (!isRefusalCause(outcome))
      throw new TypeError(`unexpected answer to a login: ${String(outcome)}`);
    return outcome;
  }

  #info(grant: Grant, login: LoginFacts): SessionInfo {
    return {
      session: login.session,
      grant: grant.id,
      principal: grant.principal.id,
      database: grant.database,
      client: `${login.address}:${login.port}`,
      application: login.application,
      node: this.#parts.node,
      since: new Date(this.#parts.clock.now()).toISOString(),
      backendPid: null,
    };
  }

  #obey(message: ControlMessage): void {
    if (message.type === 'cancel') {
      for (const listener of this.#cancelListeners) listener(message.processId, message.secretKeyHash);
      return;
    }
    if (message.type === 'hold') {
      for (const listener of this.#holdListeners) listener(message.hold);
      return;
    }
    if (message.type === 'extend') return this.#check.now();
    this.#sessions.obey(message);
    if (message.type === 'revoke') for (const listener of this.#revocationListeners) listener(message.grant);
  }
}

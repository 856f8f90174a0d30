/**
 * What the proxy needs from the rest of the house, as interfaces only. The composition root (server/) gives it the
 * values; nothing in proxy/ imports access/, audit/ or guardrails/ other than their types.
 */
import type { AuditEvent, SessionEndReason } from '../audit/events.ts';
import type { GrantLine } from '../guardrails/needed-lines.ts';
import type { ErrorFields, Verdict } from '../guardrails/types.ts';
import type { ScramVerifier } from './wire/scram.ts';

export type { ScramVerifier };

/** What the proxy knows of a grant at login. The signature is verified before one of these exists. */
export interface GrantTicket {
  readonly id: string;
  readonly principal: string;
  readonly database: string;
  /** Unix time in ms. */
  readonly expiresAt: number;
  readonly verifier: ScramVerifier;
}

/** Why a login is refused; `cause` as in the audit event `login.refused`. */
export interface Refusal {
  readonly cause: string;
  readonly error: ErrorFields;
}

export interface LoginFacts {
  readonly session: string;
  readonly grant: string;
  readonly database: string;
  readonly address: string; // client IP without port
  readonly port: number;
  readonly application: string | null;
}

/** Called at most once a session, from outside the session's own flow. */
export type EndSession = (reason: SessionEndReason, error: ErrorFields) => void;

export interface Access {
  /**
   * The verified grant; `null` if there is none (the client must not be able to tell that from a wrong token);
   * a Refusal if it is tampered with or the store is out of reach.
   */
  find(grantId: string): Promise<GrantTicket | Refusal | null>;
  /**
   * Redeem one login, after the token has been proven. Subscribed first, checked then: `end` is called when the grant
   * is revoked, expires, the session is ended by a reviewer, or the store is lost beyond its grace.
   */
  admit(ticket: GrantTicket, login: LoginFacts, end: EndSession): Promise<Admission | Refusal>;
  /** Ask all nodes to cancel whatever runs under a synthetic key that is not ours. */
  broadcastCancel(processId: number, secretKey: Uint8Array): void;
  /** Be told of cancel keys that other processes did not know. */
  onCancel(listener: (processId: number, secretKeyHash: string) => void): void;
}

export interface Admission {
  readonly budget: Budget;
  /** True while the grant is unexpired and the store was seen within its grace; checked at every Execute. */
  live(): boolean;
  /** Tell the store who we are upstream, for `session list`. */
  describe(fields: { readonly backendPid: number }): void;
  /** End of the session: give the connection slot and unused budget back. `refund`: the login never came to a session. */
  release(refund: boolean): Promise<void>;
}

/**
 * What may still be delivered. `rows` and `bytes` are what this session has leased from the grant's total
 * (Infinity when the grant has no such limit); the session subtracts as it delivers.
 */
export interface Budget {
  /** null: no limit. */
  readonly rowsPerStatement: number | null;
  rows: number;
  bytes: number;
  /** Take another lease of at least this much; resolves false when the grant's total is spent. */
  replenish(need: { readonly rows: number; readonly bytes: number }): Promise<boolean>;
  /** Count so many statements against `limits.statements`: all or none. True at once when there is no such limit. */
  spendStatements(count: number): boolean | Promise<boolean>;
  /** The session went idle: give unused leases back soon. */
  idle(): void;
}

/** The grant lacks what values of these types run. They pass all the same where the database is observed. */
export interface TypesFault {
  readonly error: ErrorFields;
  readonly observed: boolean;
}

/** Decides texts for one session and follows what they do to it. One per session. */
export interface SessionGuard {
  /**
   * Decide the text of a Query or Parse message. Never throws for bad SQL: that is a deny verdict with the parser's
   * message. Where parameters decide (`effects.deciding`), the verdict of Parse says nothing of what hangs on them: each
   * Execute asks again, with the values. `lines`: what a reviewer adds to the grant for it, this once.
   */
  examine(
    sql: string,
    prepared: PreparedLookup,
    values?: ParameterValues,
    lines?: readonly GrantLine[],
  ): Verdict | Promise<Verdict>;
  /** Lines with which a text that was not allowed would be; none if there are no such lines. */
  missing(verdict: Verdict): readonly GrantLine[];
  /** True if `verdict` still stands (same names, same catalog, same scope). Checked at each Execute. */
  isCurrent(verdict: Verdict): boolean | Promise<boolean>;
  /**
   * Before an allowed text that changes the catalog is forwarded: resolves when all sessions of the node are decided by that,
   * whether it runs then or not; null if they are.
   */
  announce(verdict: Verdict): Promise<void> | null;
  /** An allowed text is about to be forwarded: what it does to the session holds from now on. */
  forwarded(verdict: Verdict): void;
  /** The upstream has answered it (ReadyForQuery or completion); `failed` if by an error, of which `sqlstate` tells. */
  completed(verdict: Verdict, failed: boolean, sqlstate?: string | null): void;
  /** The upstream is in no transaction: what has been completed can be seen by all. */
  transactionEnded(): void;
  /** The session has ended, and its upstream connection is gone. */
  closed(): void;
  /** OIDs of the types that a Parse message gives its parameters; null: nothing is to be said against them. */
  checkTypes(types: readonly number[]): TypesFault | null;
  /**
   * The session's upstream is ready: `origin` tells which database it is in, null that it would not say. Rejects unless
   * names can be looked up in the catalog of that one.
   */
  connected(origin: string | null): Promise<void>;
  /** A setting in the startup packet or its `options`; null if it may pass. */
  checkSetting(name: string, value: string): ErrorFields | null;
  /**
   * Settings that the session has to begin with, whatever ALTER ROLE and ALTER DATABASE say of them, unless the client
   * gives others: names mean what the guard takes them for.
   */
  readonly settings: ReadonlyMap<string, string>;
  /** The errors for settings that passed `checkSetting` only because the database is observed. */
  readonly observed: readonly ErrorFields[];
}
/** Of a text's parameters: they come with Bind, or by number as text. Undefined: it can have none. */
export type ParameterValues = 'later' | ReadonlyMap<number, string>;
/** Prepared statements by name, so that SQL EXECUTE is decided as the statement it runs. */
export type PreparedLookup = (name: string) => Verdict | undefined;

export interface GuardFactory {
  /** Loads the database's catalog if need be. */
  open(ticket: GrantTicket): Promise<SessionGuard>;
}

/** What a session came to so far. */
export interface SessionSums {
  readonly statements: number;
  /** Refused, and failed upstream. */
  readonly denied: number;
  readonly errors: number;
  readonly rows: number;
  readonly bytes: number;
  /** Of the statement that ran longest, ms. */
  readonly longest: number;
}

/** Of a statement, and of its session so far, each in [0, 1]. */
export interface RiskScores {
  /** null: the statement is usual; its session was looked at again. */
  readonly statement: number | null;
  readonly session: number;
}

export interface RiskRefusal {
  readonly error: ErrorFields;
  /** Sentences for a reviewer. */
  readonly reasons: readonly string[];
  /** True: the session ends, with this error. False: a reviewer may let the statement pass. */
  readonly ends: boolean;
}

/** Looks at what the guardrails let pass, for what is unusual. One per session. */
export interface RiskWatch {
  /**
   * Asked before each execution; null: it may be forwarded. Never rejects. INVARIANT: what is usual costs one look at a
   * set, and no promise.
   */
  consider(verdict: Verdict, sums: SessionSums): null | Promise<RiskRefusal | null>;
  /** What the last answer of `consider` rests on, once it has resolved; null: no model ran. */
  readonly scores: RiskScores | null;
  /** The session is over. */
  close(sums: SessionSums): void;
}

export interface RiskWatches {
  /** Never rejects. */
  open(ticket: GrantTicket, login: LoginFacts): Promise<RiskWatch>;
}

/** What a reviewer is asked about: one execution of one text. */
export interface HeldStatement {
  /** The grant does not cover it; or the risk model finds it unusual. */
  readonly cause: 'scope' | 'risk';
  /** Secrets are replaced. */
  readonly sql: string;
  /** Texts of the prepared statements that SQL's EXECUTE runs in it. */
  readonly prepared: readonly string[];
  /** Bind values, as the trail has them; null: it is to be prepared, and values come later. */
  readonly parameters: readonly (string | null)[] | null;
  /** What the grant lacks, as `action:resource`. */
  readonly missing: readonly string[];
  /** Sentences for people. */
  readonly reasons: readonly string[];
  /** The session has a transaction open, with the locks of that. */
  readonly inTransaction: boolean;
}

export interface Hold {
  readonly id: string;
  /** How long it waits at most, ms. */
  readonly wait: number;
}

/** What becomes of a statement that waits. */
export type HoldOutcome =
  | { readonly kind: 'approved'; readonly by: string; readonly comment: string }
  | { readonly kind: 'denied'; readonly by: string; readonly reason: string }
  /** Nobody has decided in time. */
  | { readonly kind: 'expired' }
  /** Its session waits for it no longer. */
  | { readonly kind: 'withdrawn' }
  /** Nobody was asked: too many statements of the grant wait already, or the store is out of reach. */
  | { readonly kind: 'crowded' | 'unreachable' };

/** Asks reviewers about statements of one session. */
export interface SessionHolds {
  /** How long a statement may wait, ms; null: it may not. */
  limit(inTransaction: boolean): number | null;
  /** `asked` is called once reviewers can see it. Never rejects. An aborted `signal` withdraws it. */
  ask(statement: HeldStatement, asked: (hold: Hold) => void, signal: AbortSignal): Promise<HoldOutcome>;
}

export interface Holds {
  open(ticket: GrantTicket, login: LoginFacts): SessionHolds;
}

/** Where the sessions of grants connect, and under which database role. */
export interface Upstreams {
  /** Whether clients can ask for a database of this name. */
  has(database: string): boolean;
  /** For one session; its database is one that is there. Rejects if there is no role that it could use. */
  open(ticket: GrantTicket): Promise<UpstreamSeat | Refusal>;
}
export interface UpstreamSeat {
  readonly target: UpstreamTarget;
  /** The session is over; `failed`: it never came to be. */
  leave(failed: boolean): void;
}

/** The write-ahead spool. */
export interface AuditTrail {
  /** False while the spool can't be written: statements are then refused. */
  readonly writable: boolean;
  /** Buffer an event; durable against the death of this process only after the next commit. */
  append(event: AuditEvent): void;
  /** Write what is buffered. Resolves (or returns) true when it is in the spool, false when it could not be written. */
  commit(): boolean | Promise<boolean>;
}

export interface Metrics {
  sessionOpened(): void;
  sessionClosed(reason: SessionEndReason): void;
  loginRefused(cause: string): void;
  statement(decision: 'allow' | 'observe' | 'deny' | 'hold', via: string): void;
  /** Seconds from a text being read to its decision. */
  decided(seconds: number): void;
  /** Seconds that an exchange with a client took here, as AddedTime has them. */
  added(seconds: number): void;
  delivered(rows: number, bytes: number): void;
  cut(budget: string): void;
}

/** The part of pino that the proxy uses. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface UpstreamTls {
  /** As libpq's sslmode; `prefer` and `allow` are not offered. */
  readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  readonly ca?: string; // PEM
  readonly cert?: string; // PEM
  readonly key?: string; // PEM
}

/** Where and as whom to connect upstream. The client never learns any of it. */
export interface UpstreamTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly tls: UpstreamTls;
}

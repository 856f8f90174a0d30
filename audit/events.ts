/**
 * The closed union of audit events. Every event carries when, who and where; the spool adds `seq`, `prev` and `hash`
 * (see chain.ts). Times are ISO 8601 UTC with milliseconds. Field names are stable: stores and auditors rely on them.
 */

import type { AccountEvent } from './account-events.ts';

/** The session an event belongs to, fixed at login. */
export interface SessionRef {
  readonly session: string;
  readonly grant: string;
  readonly principal: string;
  readonly database: string;
  /** client address, `ip:port` */
  readonly client: string;
}

export interface Need {
  readonly action: string;
  readonly resource: string;
}

export type SessionEndReason =
  | 'client' // Terminate or end of stream
  | 'expired'
  | 'revoked'
  | 'ended' // by a reviewer: `postern session end`
  | 'store-lost' // Redis out of reach longer than the grace
  | 'upstream' // the upstream closed or failed
  | 'protocol' // violation by the client
  | 'drift' // a pinned setting changed
  | 'risk' // what it did passed the threshold of the risk model
  | 'drain' // shutdown of the proxy
  | 'spool' // the trail could not be written
  | 'error'; // anything else; `detail` says what

/** Which model, by the name that grants have for it, and about what. */
export type ModelQuestion =
  /** Secrets in it are replaced. */
  | { readonly asked: 'risk'; readonly sql: string }
  /** What somebody wants access for. */
  | { readonly asked: 'triage'; readonly text: string };

export type AuditEvent =
  | AccountEvent
  | { readonly type: 'node.start'; readonly version: string; readonly config: string /* sha256 */ }
  | { readonly type: 'node.stop' }
  | {
      readonly type: 'spool.recovered';
      /** A torn line cut off at the start, or events dropped while the spool could not be written. */
      readonly droppedBytes: number;
      /** `file:line` that breaks the chain. It stays as it is; the chain goes on in a new segment. */
      readonly broken: string | null;
    }
  | {
      readonly type: 'grant.create';
      readonly grant: string;
      readonly principal: string;
      readonly database: string;
      readonly scope: unknown;
      readonly limits: unknown;
      readonly reason: string;
      readonly ticket: string | null;
      readonly approvedBy: readonly string[];
      readonly expiresAt: string;
      readonly by: string;
    }
  /** Somebody asks for access; `outcome` is what the policy makes of it, by `rule` (null: none). */
  | {
      readonly type: 'request.create';
      readonly request: string;
      readonly principal: string;
      readonly kind: string;
      readonly actsFor: string | null;
      readonly database: string;
      readonly scope: unknown;
      /** ms */
      readonly ttl: number;
      readonly reason: string;
      readonly ticket: string | null;
      readonly emergency: boolean;
      readonly outcome: 'approved' | 'pending' | 'denied';
      readonly rule: string | null;
      readonly revision: string;
      readonly notes: readonly string[];
      /** The grant that is to end later; absent: a new one is asked for. */
      readonly extends?: string;
      /** What the policy was told of the text, and by which model; absent: none has read it. */
      readonly triage?: {
        readonly risk: number;
        readonly confidence: number;
        readonly suspicious: boolean;
        readonly model: string;
      };
    }
  /** `grant`: what comes of it, if no other approval is needed. */
  | {
      readonly type: 'request.approve';
      readonly request: string;
      readonly by: string;
      readonly comment: string;
      readonly scope: unknown;
      readonly ttl: number;
      readonly grant: string | null;
    }
  | { readonly type: 'request.deny'; readonly request: string; readonly by: string; readonly reason: string }
  | { readonly type: 'request.withdraw'; readonly request: string; readonly by: string }
  /** Nobody has decided on it in its time. */
  | { readonly type: 'request.expire'; readonly request: string }
  /** An emergency has begun: somebody has access by the rules for that. It is to be reviewed until `reviewBy`. */
  | {
      readonly type: 'request.emergency';
      readonly request: string;
      readonly grant: string;
      readonly principal: string;
      readonly database: string;
      readonly reviewBy: string;
    }
  /** What a reviewer has found of an emergency afterwards. */
  | {
      readonly type: 'request.review';
      readonly request: string;
      readonly by: string;
      readonly finding: 'justified' | 'unjustified';
      readonly comment: string;
    }
  | { readonly type: 'grant.revoke'; readonly grant: string; readonly by: string }
  /** By its holder, who needs it no longer. */
  | { readonly type: 'grant.return'; readonly grant: string; readonly by: string }
  | {
      readonly type: 'grant.expire';
      readonly grant: string;
      readonly principal: string;
      readonly database: string;
      readonly expiresAt: string;
    }
  /** A grant ends later, by an access request for that. */
  | {
      readonly type: 'grant.extend';
      readonly grant: string;
      readonly request: string;
      readonly expiresAt: string;
      readonly by: string;
    }
  /** Decisions are by another revision of the policy from now on. */
  | { readonly type: 'policy.change'; readonly revision: string; readonly before: string }
  /** The policy file can't be used as it is; decisions are by `revision` as before. */
  | { readonly type: 'policy.refuse'; readonly revision: string; readonly fault: string }
  /** A database role was made for a grant, with so many privileges. */
  | {
      readonly type: 'role.create';
      readonly grant: string;
      readonly database: string;
      readonly role: string;
      readonly privileges: number;
    }
  | {
      readonly type: 'role.drop';
      readonly grant: string;
      readonly database: string;
      readonly role: string;
      readonly cause: 'expired' | 'revoked';
    }
  | {
      readonly type: 'login.refused';
      readonly grant: string | null;
      readonly database: string | null;
      readonly client: string;
      readonly application: string | null;
      readonly sqlstate: string;
      /** machine-readable cause: `bad-token`, `unknown-grant`, `expired`, `revoked`, `wrong-address`, `wrong-database`,
       * `connection-limit`, `login-limit`, `tampered`, `store-unreachable`, `tls-required`, `bad-startup`, `replication`, `setting`, `draining` ... */
      readonly cause: string;
      readonly message: string;
    }
  | ({
      readonly type: 'session.start';
      readonly application: string | null;
      readonly backendPid: number;
      readonly tls: boolean;
      readonly protocol: string;
      /** Sentences for settings in the startup packet that passed only because the database is observed. */
      readonly observed?: readonly string[];
    } & SessionRef)
  | ({
      readonly type: 'session.end';
      readonly reason: SessionEndReason;
      readonly detail: string | null;
      readonly durationMs: number;
      readonly statements: number;
      readonly denied: number;
      readonly rows: number;
      readonly bytes: number;
    } & SessionRef)
  /** Written before the statement leaves the proxy (or instead of it, when denied). */
  | ({
      readonly type: 'statement';
      /** Number within the session, from 1; joins `statement.end`. */
      readonly statement: number;
      readonly via: 'query' | 'parse' | 'bind' | 'execute' | 'function-call';
      /** `observe`: it lacked what the reasons say, and was let pass, since its database is observed. */
      readonly decision: 'allow' | 'observe' | 'deny' | 'hold';
      readonly sql: string;
      /** `sql` as it will stand in the line, if that has been made already: see encodeText. Not a member of the line. */
      readonly sqlJson?: Uint8Array | undefined;
      readonly tags: readonly string[];
      readonly needs: readonly Need[];
      /** Sentences for what was missing; empty when allowed. */
      readonly reasons: readonly string[];
      readonly sqlstate: string | null;
      /**
       * Bind values by their format code: text as text, binary as `\x...` unless Parse says that they are integers,
       * booleans or text; null is SQL NULL; long values cut.
       */
      readonly parameters?: readonly (string | null)[] | undefined;
      /** It waited for a reviewer under this id. */
      readonly hold?: string | undefined;
      /** Score of the risk model, 0 to 1, with an alarm or without; absent: it is usual here, and the model did not run. */
      readonly risk?: number | undefined;
      /** The same of its session, by what was known when the model ran: what came of this one is not among it. */
      readonly sessionRisk?: number | undefined;
      /** Set when `sql` is cut and `needs` left out: the number of the statement which has both in full. */
      readonly inFull?: number | undefined;
    } & SessionRef)
  /** What came of an allowed statement. */
  | ({
      readonly type: 'statement.end';
      readonly statement: number;
      readonly rows: number;
      readonly bytes: number;
      readonly durationMs: number;
      readonly tag: string | null;
      readonly sqlstate: string | null;
      /** Which budget cut the result, if one did. */
      readonly cut: 'rowsPerStatement' | 'rows' | 'bytes' | null;
    } & SessionRef)
  /** A statement waits for a reviewer; nothing of it has reached the database. */
  | ({
      readonly type: 'hold.ask';
      readonly hold: string;
      readonly cause: 'scope' | 'risk';
      readonly sql: string;
      /** As in `statement`; null: it is to be prepared, and has none yet. */
      readonly parameters: readonly (string | null)[] | null;
      /** What the grant lacks, as `action:resource`. */
      readonly missing: readonly string[];
      readonly reasons: readonly string[];
      readonly inTransaction: boolean;
      /** How long it waits at most. */
      readonly waitMs: number;
    } & SessionRef)
  /** What a reviewer says, and what the session heard in the end: an approval may come too late for that. */
  | {
      readonly type: 'hold.approve';
      readonly hold: string;
      readonly grant: string;
      readonly by: string;
      readonly comment: string;
    }
  | {
      readonly type: 'hold.deny';
      readonly hold: string;
      readonly grant: string;
      readonly by: string;
      readonly reason: string;
    }
  /** Where it is approved, the event `statement` of what runs comes next, with the same `hold`. */
  | ({
      readonly type: 'hold.end';
      readonly hold: string;
      /** `withdrawn`: its client cancelled it, or its session ended. */
      readonly outcome: 'approved' | 'denied' | 'expired' | 'withdrawn';
      readonly by: string | null;
      readonly waitedMs: number;
    } & SessionRef)
  /** An unusual statement, or what its session comes to, raised an alarm. Written before the statement's own event. */
  | ({
      readonly type: 'risk.flag';
      /** Names it: the session, and its number there. */
      readonly alarm: string;
      /** Number within the session, as in the event `statement`. */
      readonly statement: number;
      readonly action: 'flag' | 'hold' | 'end';
      /** Which score it was by; or why there is none. */
      readonly cause: 'statement' | 'session' | 'missing' | 'broken' | 'late' | 'failed';
      /** In [0, 1]; null: there is none. */
      readonly score: number | null;
      readonly sessionScore: number | null;
      /** Hash of the model. */
      readonly model: string | null;
      /** Sentences: what moved the score most, the weightiest first. */
      readonly reasons: readonly string[];
      /** Log-odds that each of these adds; absent where there is no score. */
      readonly weights?: readonly number[];
      /** Sentences: what of it is new, and to whom. */
      readonly news: readonly string[];
      readonly sql: string;
      readonly application: string | null;
      readonly teams: readonly string[];
      /** What the model was told of the session, to learn from. */
      readonly context: unknown;
    } & SessionRef)
  /** What comes by, or what alarms turn out to be, has moved so far from what the model was trained on that it should be trained anew. */
  | {
      readonly type: 'risk.drift';
      readonly model: string;
      /** Forms of statements that this process has looked at, each once. */
      readonly forms: number;
      /** Shares: of these, those that nobody was used to; of the statements that were scored, those with an alarm. */
      readonly unseen: number | null;
      readonly alarms: number | null;
      /** Features, or `logOdds`, with their population stability index: the most drifted first. */
      readonly drifts: readonly { readonly name: string; readonly index: number }[];
      /** There where reviewers call another share of alarms true than their scores promise. */
      readonly calibration?: {
        /** Alarms by which score. */
        readonly cause: 'statement' | 'session';
        /** Sessions that this is told from. */
        readonly sessions: number;
        readonly observed: number;
        readonly expected: number;
      };
    }
  /** A reviewer's word on an alarm. */
  | {
      readonly type: 'risk.verdict';
      readonly alarm: string;
      readonly verdict: 'true' | 'false';
      readonly by: string;
      readonly note: string | null;
    }
  /** A model is asked over HTTP, under a grant that allows it: the request is the session. Written before it runs. */
  | ({
      readonly type: 'model.request';
      readonly context: unknown;
      /** The User-Agent. */
      readonly application: string | null;
      readonly tls: boolean;
    } & ModelQuestion &
      SessionRef)
  /** What it answered. Written before the client has it. */
  | ({
      readonly type: 'model.answer';
      readonly asked: ModelQuestion['asked'];
      /** Names the model; null with a `fault`. */
      readonly model: string | null;
      /** In [0, 1]; null with a `fault`. */
      readonly score: number | null;
      /** Of the thresholds of the grant's database and teams, the highest that it reaches; null of triage. */
      readonly threshold: 'flag' | 'hold' | null;
      /** Of triage. */
      readonly decision?: string;
      /** Why it did not: as `cause` of `risk.flag`, or of `login.refused` where the grant ended meanwhile. */
      readonly fault: string | null;
      readonly durationMs: number;
    } & SessionRef)
  | ({ readonly type: 'cancel' } & SessionRef)
  | {
      readonly type: 'protocol.violation';
      readonly session: string | null;
      readonly grant: string | null;
      readonly client: string;
      readonly message: string;
    };

export type AuditEventType = AuditEvent['type'];

/** An event as it stands in the spool: one line of JSON. */
export type SpooledEvent = AuditEvent & {
  readonly seq: number;
  readonly at: string;
  readonly node: string;
  readonly prev: string;
  readonly hash: string;
};

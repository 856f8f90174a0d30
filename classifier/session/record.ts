/** A session as it is replayed and learnt from: one line of JSON. What is missing is neutral. */

/** Who asks, from where, under which grant: what is known when the session begins. */
export interface SessionContext {
  readonly user?: string;
  readonly role?: string;
  readonly team?: string;
  readonly client_addr?: string;
  readonly country?: string;
  readonly usual_countries?: readonly string[];
  readonly application_name?: string;
  /** 0 to 23. */
  readonly hour_utc?: number;
  /** `Mon` to `Sun`. */
  readonly weekday?: string;
  readonly grant?: GrantContext;
  readonly history_30d?: HistoryContext;
}

export interface GrantContext {
  readonly actions?: readonly string[];
  /** Relations and patterns such as `public.*`; empty or missing: unknown or everything. */
  readonly scope?: readonly string[];
  readonly ttl_min?: number;
  /** Minutes from its issue to the beginning of the session. */
  readonly age_min?: number;
  readonly reason?: string | null;
  readonly ticket?: string | null;
}

export interface HistoryContext {
  readonly sessions?: number;
  readonly median_statements?: number;
  /** First hour and the hour after the last. */
  readonly usual_hours?: readonly [number, number];
  readonly usual_apps?: readonly string[];
  /** Rows and bytes that 99 of 100 sessions stay within. */
  readonly usual_rows?: number;
  readonly usual_bytes?: number;
}

/** How many of the things that a statement uses habits do not have: nobody here has used them before. */
export interface StatementNovelty {
  readonly relations: number;
  readonly columns: number;
  readonly functions: number;
}

/** What is known of a statement when it has ended. */
export interface StatementOutcome {
  /** Seconds since the session began. */
  readonly t?: number;
  /** Rows returned or changed. */
  readonly rows?: number;
  /** Bytes returned. */
  readonly bytes?: number;
  /** Milliseconds that it ran. */
  readonly ms?: number;
  /** SQLSTATE of its error. */
  readonly err?: string | null;
  /** Statements that failed or were refused, this one and those before it that nobody scored; default: by `err`. */
  readonly failures?: number;
  /** Missing: there are no habits yet to tell by. */
  readonly novelty?: StatementNovelty;
  /** Classes of data that it touches, such as `personal`, as a policy has them; missing: none says, and names have to tell. */
  readonly classes?: readonly string[];
}

export interface SessionStatement extends StatementOutcome {
  readonly sql: string;
}

export interface SessionRecord extends SessionContext {
  readonly id: string;
  readonly statements: readonly SessionStatement[];
}

/**
 * The words of the guardrails: what a statement does (facts), what a grant allows (scope), what follows (decision).
 * Plain frozen data; nothing here knows of sockets, stores, the model or the clock.
 */

export const ACTIONS = [
  'select',
  'insert',
  'update',
  'delete',
  'truncate',
  'create',
  'alter',
  'drop',
  'export',
  'execute',
  'admin',
] as const;
export type Action = (typeof ACTIONS)[number];
/** What a grant may also allow: to ask a model, by its name. No statement needs it, and `*` does not stand for it. */
export type GrantAction = Action | 'score';

/** One line of a grant's scope: these actions, on the resources these patterns name (`!` excludes). */
export interface ScopeLine {
  readonly actions: readonly GrantAction[];
  readonly on: readonly string[];
  /**
   * What the patterns name, a policy allows by a wildcard: views count as what they read, as they do under a wildcard,
   * since nobody has meant the view itself.
   */
  readonly followed?: true;
}
export type Scope = readonly ScopeLine[];

export type Effect = 'allow' | 'deny' | 'hold';

/** One action on one resource which the statement needs, and whether the scope has it. */
export interface Reason {
  readonly action: Action;
  /** `schema.relation`, `schema.function(argtypes)`, `schema.*`, or a plain word such as `role` or `setting work_mem`. */
  readonly resource: string;
  readonly allowed: boolean;
  /** A sentence for people: why it is needed, or why it is missing. */
  readonly why: string;
  /** What the statement does not name itself: the relations that lead there, from one that it names. */
  readonly path?: readonly string[];
}

/** What one statement of a text is, as far as the wire and the trail need to know. */
export interface StatementSummary {
  /** Command tag without counts, as in the manual: SELECT, INSERT, COPY, CREATE TABLE ... */
  readonly tag: string;
  /** Actions with the resources they touch, resolved where possible; what the trail shows. */
  readonly needs: readonly { readonly action: Action; readonly resource: string }[];
  /** Where the statement stands in its text, in UTF-16 units; undefined when unknown. */
  readonly range?: { readonly start: number; readonly end: number };
}

export interface CursorUse {
  readonly op: 'declare' | 'fetch';
  readonly name: string;
}

/** What the session must know about a text it lets pass. All over-approximated: true where unsure. */
export interface SessionEffects {
  /** May send DataRow messages or CopyData out. */
  readonly returnsRows: boolean;
  /** May change data or anything else that a rollback would undo. */
  readonly writes: boolean;
  /** Is, or contains, COPY ... FROM STDIN. */
  readonly copyIn: boolean;
  /** Has BEGIN, COMMIT, ROLLBACK, SAVEPOINT ... */
  readonly transactionControl: boolean;
  /** Changes what names mean to this session: search_path, temporary objects. */
  readonly changesNames: boolean;
  /** Changes the catalog: DDL, or (`perhaps`) a function that could do it. */
  readonly changesCatalog: boolean | 'perhaps';
  /** Writes to a relation that the grant may not read whole: the DETAIL of a broken constraint shows the whole row. */
  readonly concealsRows: boolean;
  /** Alters such a relation, and so works out expressions over its rows: an error of that quotes a value. */
  readonly concealsValues: boolean;
  /**
   * Numbers of the parameters of Bind without whose values the text is not decided: a verdict without them says what
   * else it needs, and holds for Parse alone.
   */
  readonly deciding?: readonly number[];
  /** SQL's PREPARE name, in textual order; DEALLOCATE name (null: ALL). */
  readonly prepares: readonly { readonly name: string; readonly verdict: Verdict }[];
  readonly deallocates: readonly (string | null)[];
  /** Cursors it declares and fetches from, in textual order: rows count together over the cursor's life. */
  readonly cursors: readonly CursorUse[];
}

/** An error as a client sees it: 5-character SQLSTATE and the fields of ErrorResponse. `position` counts characters from 1. */
export interface ErrorFields {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: number;
}

/**
 * The frozen answer of the guardrails about one text (one Query or Parse message; all-or-nothing over its statements).
 * `error` is set exactly when `effect` is not allow.
 */
export interface Verdict {
  readonly effect: Effect;
  readonly reasons: readonly Reason[];
  readonly statements: readonly StatementSummary[];
  readonly effects: SessionEffects;
  readonly error: ErrorFields | null;
  /** The database is observed: the text lacks something, and passes all the same. The error it would get. */
  readonly observed?: ErrorFields;
  /** The text with passwords and other secrets replaced; what the trail stores. */
  readonly redactedText: string;
  /** The same as the JSON that the trail stores, where that was made away from the event loop. */
  readonly redactedJson?: Uint8Array;
  /** On the text with parameters in place of its constants, where those are numbers alone: both have one form. */
  readonly common?: Verdict;
  /** Numbers of the parameters, from 1, whose values are secrets by the place they stand in; absent: none. */
  readonly secretParameters?: readonly number[];
}

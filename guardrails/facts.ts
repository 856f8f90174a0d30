/**
 * What a text does, as far as its syntax tells: the output of `extract`, the input of `decide`. Facts hold names, not
 * literals, so that a text of megabytes has small facts, and they are plain data that can cross a thread boundary.
 * Names are as the parser gives them (case-folded, unquoted); a schema of `null` means that the text wrote none.
 */
import type { Action, ErrorFields } from './types.ts';

/** A relation that is named, and what is done to it. */
export interface RelationNeed {
  readonly kind: 'relation';
  readonly action: Action;
  readonly schema: string | null;
  readonly name: string;
  /** Columns that are, or may be, touched: names that the relation turns out not to have count for nothing. */
  readonly columns: readonly string[];
  /** All columns, or an unknown set of them. */
  readonly all: boolean;
  /** Written with ONLY: children are not meant. */
  readonly only: boolean;
  /** The need exists only if the relation has one of `columns` (the target of an UPDATE is read only where its columns are). */
  readonly ifTouched: boolean;
  /** TRUNCATE or DROP ... CASCADE. */
  readonly cascade: boolean;
  /** IF EXISTS: where there is no such relation, nothing happens. */
  readonly missingOk?: true;
  /** A new relation has its defaults, checks and the like from it, and as its partition its triggers too. */
  readonly copied?: true;
  /** The statement is a single SELECT over it for the row of its own backend: see extract/own-row.ts. */
  readonly ownRow?: true;
  /** The clause that brings the need, where the action alone does not say it: `FOR UPDATE`, `COPY TO`. */
  readonly via: string | null;
}

/** A relation, type or function that is made. */
export interface NewNeed {
  readonly kind: 'new';
  readonly schema: string | null;
  readonly name: string;
  readonly temporary: boolean;
  /** CREATE OR REPLACE. */
  readonly replaces?: boolean;
  /** What is written to it goes elsewhere. */
  readonly view?: boolean;
}

/** A relation or type that gets another name, or another schema. */
export interface RenameNeed {
  readonly kind: 'rename';
  readonly what: 'relation' | 'type';
  readonly schema: string | null;
  readonly name: string;
  readonly to: { readonly schema: string | null; readonly name: string };
}

/** A type that is named. */
export interface TypeNeed {
  readonly kind: 'type';
  readonly schema: string | null;
  readonly name: string;
  /** `column`: nothing is cast to it here. `literal`: only a quoted text is, which its input function reads. */
  readonly of?: 'column' | 'literal';
}

/** What an argument is written as: a number, `true`, `'x'::text`. */
export type Written = 'integer' | 'numeric' | 'boolean' | 'text';

export interface FunctionNeed {
  readonly kind: 'function';
  readonly schema: string | null;
  readonly name: string;
  /**
   * `call`: f(...). `judged`: the same, but what the built-in function of that name touches is among the needs already.
   * `attribute`: `x.f`, which calls f(x) when x has no column f. `reference`: named by a definition that will call it.
   */
  readonly use: 'call' | 'judged' | 'attribute' | 'reference';
  /** How many arguments the call has; absent: not known. */
  readonly args?: number;
  /** Of each of them; null: that does not tell its type. */
  readonly written?: readonly (Written | null)[] | undefined;
  /** `attribute`: the relation x stands for, if it is one; several for the alias of a join. */
  readonly of: readonly { readonly schema: string | null; readonly name: string }[];
}

/** A relation becomes part of another (INHERIT, ATTACH PARTITION), or follows it by a foreign key. */
export interface JoinNeed {
  readonly kind: 'join';
  readonly parent: { readonly schema: string | null; readonly name: string };
  /** null: it follows only. */
  readonly part: { readonly schema: string | null; readonly name: string } | null;
  /** Actions on the parent that reach the other now. */
  readonly reaching: readonly Action[];
}

/** `pg_get_serial_sequence('table', 'column')` where a sequence is changed: `update` on what the table's columns draw from. */
export interface SerialNeed {
  readonly kind: 'serial';
  readonly schema: string | null;
  readonly name: string;
  readonly via: string;
}

/** An object of a schema other than a relation (function, type, collation ...) that is altered or dropped. */
export interface ObjectNeed {
  readonly kind: 'object';
  readonly action: Action;
  readonly what: 'function' | 'type' | 'other';
  readonly schema: string | null;
  readonly name: string;
  /** As in RelationNeed. */
  readonly cascade?: true;
  readonly missingOk?: true;
  /** Of a type: what its values may be is changed, or what they are. */
  readonly values?: true;
}

/** The name under which the constructor ARRAY[...] is among the operators. */
export const ARRAY = 'ARRAY';

export type FactNeed =
  | RelationNeed
  | NewNeed
  | RenameNeed
  | JoinNeed
  | SerialNeed
  | FunctionNeed
  | ObjectNeed
  /** A keyword that looks like a call; servers older than `since` (server_version_num) take it for one. */
  | { readonly kind: 'keyword'; readonly name: string; readonly since: number }
  | { readonly kind: 'operator'; readonly schema: string | null; readonly name: string }
  | TypeNeed
  /** `to`: its new name. */
  | {
      readonly kind: 'schema';
      readonly action: Action;
      readonly name: string;
      readonly cascade?: true;
      readonly to?: string;
    }
  /** A setting that is changed; `value` is null where it is not one constant. */
  | {
      readonly kind: 'setting';
      readonly name: string;
      readonly value: string | null;
      /** RESET or SET ... TO DEFAULT: back to how the session began. */
      readonly reset: boolean;
    }
  /** A setting that is shown: SHOW, current_setting. */
  | { readonly kind: 'shown'; readonly name: string }
  /** EXECUTE: the needs of the statement prepared under that name. */
  | { readonly kind: 'execute'; readonly name: string; readonly export: boolean }
  /** A need whose resource is a plain word; `why` is a sentence. */
  | { readonly kind: 'plain'; readonly action: Action; readonly resource: string; readonly why: string }
  /** What no grant can allow. */
  | { readonly kind: 'refused'; readonly what: string; readonly why: string };

/** As SessionEffects, as far as syntax tells. */
export interface EffectFacts {
  returnsRows: boolean;
  writes: boolean;
  copyIn: boolean;
  transactionControl: boolean;
  changesNames: boolean;
  changesCatalog: boolean;
  cursor: { readonly op: 'declare' | 'fetch'; readonly name: string } | null;
}

export interface StatementFacts {
  readonly tag: string;
  /** Where it stands in its text, in UTF-16 units; a statement inside of another has none. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly needs: readonly FactNeed[];
  readonly effects: Readonly<EffectFacts>;
  /** SQL-level PREPARE: the name, and the facts of the statement behind it. */
  readonly prepares: { readonly name: string; readonly statement: StatementFacts } | null;
  /** SQL-level DEALLOCATE: a name, or `null` for ALL; `undefined`: none of it. */
  readonly deallocates: string | null | undefined;
  /** Numbers of the parameters of Bind that decide what it does, if there are any: see extract/parameters.ts. */
  readonly deciding?: readonly number[];
  /** Names that only a database in UTF8 is sure to read as we do: see doubtful-names.ts. */
  readonly doubtful?: readonly string[];
  /** What search_path may be from now on: a list of schemas, `null` for unknown, `undefined` for no change. */
  readonly searchPath: readonly string[] | null | undefined;
}

/** The facts of one text. `error` is set exactly when it could not be read; then there are no statements. */
export interface Facts {
  readonly error: ErrorFields | null;
  readonly statements: readonly StatementFacts[];
  /** The parser fell over this text and must not be used again on this thread. */
  readonly damaged?: true;
  /** The text without its secrets, where it was worked out with the facts. */
  readonly redactedText?: string;
}

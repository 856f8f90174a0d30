/**
 * A grant's scope, compiled. Forbidding wins: what any line excludes for an action is excluded.
 */
import { PatternIndex } from './pattern-index.ts';
import {
  excludesObjects,
  isAny,
  isEverything,
  listOf,
  namedIn,
  parsePattern,
  type ScopePattern,
  unquoted,
} from './scope-pattern.ts';
import type { Action, GrantAction, Scope, ScopeLine } from './types.ts';

/** What a pattern is asked about. A column list only means something for relations, argument types for functions. */
export interface Asked {
  readonly schema: string;
  readonly name: string;
  readonly columns?: readonly string[];
  /** All columns, or columns that are not known by name. */
  readonly all?: boolean;
  /** Argument types of a function, as in Routine.args. */
  readonly args?: string;
}

export interface Coverage {
  readonly covered: boolean;
  /** By a pattern that names it, without a wildcard in the name. */
  readonly named: boolean;
  /** Excluded by a `!` pattern. */
  readonly excluded: boolean;
  /** Where the relation is covered in part: the columns that are missing (`*`: not known by name). */
  readonly missing: readonly string[];
}

interface Pattern extends ScopePattern {
  /** Views that it names are allowed as themselves, and system relations of the schema that it names. */
  readonly named: boolean;
  readonly schemaNamed: boolean;
  /** Of functions: the schema is named, and by who gives it. */
  readonly meansCode: boolean;
}

interface Lines {
  readonly allow: PatternIndex<Pattern>;
  readonly exclude: PatternIndex<Pattern>;
  readonly everything: boolean;
  /** What reaches everything is not meant by a wildcard: see excludesObjects. */
  readonly opaque: boolean;
}

/** Code that nobody follows, what reads and runs outside of the database, and doors by which data comes and goes. */
const OPAQUE: ReadonlySet<string> = new Set([
  ...['DO', 'function', 'procedure', 'program', 'file'],
  ...['foreign server', 'replication', 'server'],
]);

const NO_PATTERNS = new PatternIndex<Pattern>([]);
const NO_LINES: Lines = { allow: NO_PATTERNS, exclude: NO_PATTERNS, everything: false, opaque: false };
const NOTHING: Coverage = { covered: false, named: false, excluded: false, missing: [] };
const EXCLUDED: Coverage = { covered: false, named: false, excluded: true, missing: [] };

export class CompiledScope {
  readonly #lines: ReadonlyMap<GrantAction, Lines>;
  /** Every action is allowed on everything. */
  readonly open: boolean;
  readonly #scope: Scope;
  readonly #actions: readonly GrantAction[];
  readonly #excludes: boolean;

  constructor(scope: Scope, actions: readonly GrantAction[]) {
    this.#scope = scope;
    this.#actions = actions;
    this.#excludes = scope.some(({ on }) => on.some(excludesObjects));
    this.#lines = new Map(actions.map((action) => [action, linesOf(scope, action)]));
    this.open = actions.every((action) => this.everything(action));
  }

  /** This scope and these lines. */
  extended(lines: Scope): CompiledScope {
    return new CompiledScope([...this.#scope, ...lines], this.#actions);
  }

  /** The action is allowed on everything, without exclusions. */
  everything(action: GrantAction): boolean {
    return this.#of(action).everything;
  }

  /** A relation, function or other object of a schema. */
  covers(action: Action, asked: Asked): Coverage {
    const { allow, exclude, opaque } = this.#of(action);
    const excluding = naming(exclude, asked);
    if (excluding.some((pattern) => excludesWholly(pattern, asked))) return EXCLUDED;
    const meant = (pattern: Pattern) => !(opaque && asked.schema === 'pg_catalog' && !pattern.schemaNamed);
    const allowing = naming(allow, asked).filter((pattern) => argumentsFit(pattern, asked) && meant(pattern));
    const missing = missingColumns(allowing, excluding, asked);
    if (allowing.length === 0) return NOTHING;
    return {
      covered: missing.length === 0,
      named: allowing.some(({ named }) => named),
      excluded: false,
      missing,
    };
  }

  /** Some pattern names the schema without a wildcard and covers the resource. */
  coversBySchema(action: Action, asked: Asked): boolean {
    const { allow } = this.#of(action);
    const fitting = naming(allow, asked).filter((pattern) => argumentsFit(pattern, asked));
    return this.covers(action, asked).covered && fitting.some(({ schemaNamed }) => schemaNamed);
  }

  /** `execute` on a function lets it run, whatever it does: see excludesObjects. */
  runs(routine: Asked): boolean {
    if (this.#excludes) return this.covers('execute', routine).covered && this.#meansCode(routine);
    return this.everything('execute') || this.covers('execute', routine).covered;
  }

  #meansCode(routine: Asked): boolean {
    const { allow } = this.#of('execute');
    return naming(allow, routine).some((pattern) => pattern.meansCode && argumentsFit(pattern, routine));
  }

  /** All that a schema holds: `schema.*`. */
  coversSchema(action: Action, schema: string): boolean {
    const { allow, exclude } = this.#of(action);
    const whole = ({ name, inner }: Pattern) => inner === null && isAny(name);
    return (
      allow.all.some((pattern) => pattern.schema?.matches.test(schema) === true && whole(pattern)) &&
      !exclude.all.some((pattern) => pattern.schema?.matches.test(schema))
    );
  }

  /** Something that a schema could hold. */
  reachesInto(action: Action, schema: string): boolean {
    return this.#of(action).allow.all.some((pattern) => pattern.schema?.matches.test(schema) === true);
  }

  /** A resource that is a plain word. `*` stands for things that are not known by name: an exclusion may mean them. */
  coversPlain(action: GrantAction, resource: string): boolean {
    const { allow, exclude, everything, opaque } = this.#of(action);
    const byWildcard = !(opaque && OPAQUE.has(resource));
    if ((everything && byWildcard) || resource === '*') return everything;
    const matches = ({ schema, name }: Pattern) => schema === null && name.matches.test(resource);
    return (
      allow.all.some((pattern) => matches(pattern) || (byWildcard && isEverything(pattern))) &&
      !exclude.all.some(matches)
    );
  }

  /** A resource as Reason names it: `schema.name`, perhaps with columns or argument types, or a plain word. */
  coversNamed(action: Action, resource: string): boolean {
    const named = namedIn(resource);
    if (named === null) return this.coversPlain(action, resource);
    const { schema, name, inner } = named;
    const part =
      inner === undefined || action !== 'execute' ? { columns: listOf(inner ?? '') } : { args: inner };
    return this.covers(action, { schema: unquoted(schema), name: unquoted(name), ...part }).covered;
  }

  #of(action: GrantAction): Lines {
    return this.#lines.get(action) ?? NO_LINES;
  }
}

const naming = (patterns: PatternIndex<Pattern>, { schema, name }: Asked): readonly Pattern[] =>
  patterns
    .about(schema, name)
    .filter((pattern) => pattern.schema?.matches.test(schema) === true && pattern.name.matches.test(name));

/** An exclusion of columns leaves the rest; one of a function's overload leaves the others. */
const excludesWholly = (pattern: Pattern, asked: Asked): boolean => {
  if (pattern.inner === null) return true;
  return asked.args === undefined ? asked.columns === undefined : pattern.inner.join() === asked.args;
};

const argumentsFit = (pattern: Pattern, { args }: Asked): boolean =>
  args === undefined || pattern.inner === null || pattern.inner.join() === args;

const missingColumns = (
  allowing: readonly Pattern[],
  excluding: readonly Pattern[],
  asked: Asked,
): string[] => {
  if (asked.args !== undefined) return [];
  const excluded = new Set(excluding.flatMap(({ inner }) => inner ?? []));
  const whole = allowing.some(({ inner }) => inner === null);
  const allowed = new Set(allowing.flatMap(({ inner }) => inner ?? []));
  const missing = (asked.columns ?? []).filter(
    (column) => excluded.has(column) || !(whole || allowed.has(column)),
  );
  const all = asked.all === true || asked.columns === undefined;
  return all && (!whole || excluded.size > 0) ? [...missing, '*'] : missing;
};

const linesOf = (scope: Scope, action: GrantAction): Lines => {
  const lines = scope.filter(({ actions }) => actions.includes(action));
  const allow = lines.flatMap((line) =>
    line.on.filter((text) => !text.startsWith('!')).map((text) => patternOf(text, line)),
  );
  const exclude = lines.flatMap((line) =>
    line.on.filter((text) => text.startsWith('!')).map((text) => patternOf(text.slice(1), line)),
  );
  const opaque = action === 'admin' && scope.some(({ on }) => on.some(excludesObjects));
  return {
    allow: new PatternIndex(allow),
    exclude: new PatternIndex(exclude),
    everything: exclude.length === 0 && !opaque && allow.some(isEverything),
    opaque,
  };
};

const patternOf = (text: string, { followed }: ScopeLine): Pattern => {
  const pattern = parsePattern(text);
  const { schema, name } = pattern;
  return {
    ...pattern,
    named: name.literal && followed !== true,
    schemaNamed: schema?.literal === true,
    meansCode: schema?.literal === true && followed !== true,
  };
};

/** A name as SQL writes it: quoted where it must be. */
export const quoted = (name: string): string =>
  /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/u.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

export const resourceName = (schema: string, name: string): string => `${quoted(schema)}.${quoted(name)}`;

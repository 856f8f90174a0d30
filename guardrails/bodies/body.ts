/**
 * What the body of a user-defined function does, where that can be read off its source: a closed list of languages and
 * statements. A body that is not wholly understood is opaque, and then only `execute` on the function lets it run.
 */
import type { Routine } from '../catalog.ts';
import type { StatementFacts } from '../facts.ts';
import { schemaList } from '../identifiers.ts';
import { settingClass } from '../settings.ts';
import { type Definition, definitionOf } from './definition.ts';
import { Opaque } from './opaque.ts';
import { plpgsqlStatements } from './plpgsql.ts';
import { sqlStatements } from './sql.ts';

export interface FollowedBody {
  readonly kind: 'followed';
  readonly statements: readonly StatementFacts[];
  /** The search_path that the function sets for itself; undefined: its caller's holds. */
  readonly searchPath: readonly string[] | undefined;
  /** Columns of NEW that a trigger function may assign to; null: any. */
  readonly assigns: readonly string[] | null;
}

export type Body = FollowedBody | { readonly kind: 'opaque'; readonly why: string };

/** What a language's reader makes of a body. A reader throws Opaque for what it does not understand. */
export type BodyFacts = Pick<FollowedBody, 'statements' | 'assigns'>;

const bodies = new WeakMap<Routine, Body>();

/** Read when first asked for: most functions of a database never are. */
export function bodyOf(routine: Routine): Body {
  const known = bodies.get(routine);
  if (known !== undefined) return known;
  const body = read(routine);
  bodies.set(routine, body);
  return body;
}

const READERS: Readonly<Record<string, (definition: Definition) => BodyFacts>> = {
  sql: sqlStatements,
  plpgsql: plpgsqlStatements,
};

const read = (routine: Routine): Body => {
  try {
    const { body, language } = routine;
    const reader = READERS[language];
    if (reader === undefined) throw new Opaque(`it is written in ${language}`);
    if (body === undefined) throw new Opaque('its source is too long, or not of a form that is read');
    const searchPath = ownSearchPath(routine);
    const definition = definitionOf(body.definition);
    const { statements, assigns } = reader(definition);
    const all = [definition.signature, ...statements];
    all.forEach(requireInnocent);
    if (body.policiesOfOwner && all.some(namesRelations))
      throw new Opaque("it reaches relations with its owner's rights, whose row-level security may differ");
    return { kind: 'followed', statements: all, searchPath, assigns };
  } catch (error) {
    if (error instanceof Opaque) return { kind: 'opaque', why: error.message };
    throw error;
  }
};

/** SET clauses of the function. Names in a SECURITY DEFINER function must not be for its caller to choose. */
const ownSearchPath = ({ body, securityDefiner }: Routine): readonly string[] | undefined => {
  let path: readonly string[] | null | undefined;
  for (const setting of body?.config ?? []) {
    const [name = '', ...value] = setting.split('=');
    const kind = settingClass(name);
    if (kind === 'names') path = pathOf(value.join('='));
    else if (kind !== 'session') throw new Opaque(`it runs with its own setting of ${name}`);
  }
  if (path === null) throw new Opaque('its search_path is not understood');
  if (securityDefiner && (path === undefined || path.includes('$user')))
    throw new Opaque("it runs with its owner's rights, and without a search_path of its own");
  return path;
};

/** pg_proc.proconfig spells the empty path as an empty name. */
const pathOf = (value: string): readonly string[] | null => (value.trim() === '""' ? [] : schemaList(value));

/** What a body does to the session, or leaves to be known as it runs, is not followed. */
const requireInnocent = ({
  tag,
  effects,
  needs,
  prepares,
  deallocates,
  searchPath,
}: StatementFacts): void => {
  const { changesNames, changesCatalog, transactionControl, copyIn, cursor } = effects;
  const moves = prepares !== null || deallocates !== undefined || searchPath !== undefined || cursor !== null;
  if (changesNames || changesCatalog || transactionControl || copyIn || moves)
    throw new Opaque(`its ${tag} changes the session or the catalog`);
  for (const need of needs) {
    if (need.kind === 'execute') throw new Opaque('it executes a prepared statement');
    if (need.kind === 'setting') throw new Opaque(`it changes the setting ${need.name}`);
    if (need.kind === 'refused') throw new Opaque(`${need.what}: ${need.why}`);
  }
};

const namesRelations = ({ needs }: StatementFacts): boolean => needs.some(({ kind }) => kind === 'relation');

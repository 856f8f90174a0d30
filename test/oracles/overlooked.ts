/** What a statement really did against what is decided on: the one must be within the other. */
import type { Catalog } from '../../guardrails/catalog.ts';
import { verdictOn } from '../guardrails/deciding.ts';
import type { Recorded, Touched } from './recorder.ts';

const READS = 'select,export';
const WRITES = 'insert,update,delete,truncate';
const ALTERATIONS = 'create,alter,drop,admin';

/** Everything is granted but to execute what users have defined: so code is followed, or refused. */
const NO_CODE = [`${READS},${WRITES},${ALTERATIONS}:*`];
/** Code that nobody follows has to be meant by name where a grant excludes anything. */
const EVERYTHING = ['*:*', 'admin:DO', 'admin:function', 'admin:file', 'admin:pg_catalog.*', 'execute:app.*'];

/** `what it did to which`: things that were done although a grant that excludes them allows the statement. */
export function overlooked(sql: string, recorded: Recorded, catalog: Catalog): readonly string[] {
  const without = (actions: string, name: string) =>
    verdictOn(sql, [...NO_CODE, `${actions}:!${name}`], { catalog }).effect === 'allow';
  const relations = recorded.relations
    .filter((touched) => !isLockedOnly(touched, sql, recorded, catalog))
    .flatMap(({ name, read, written, altered }) => [
      ...(written && without(`${WRITES},${ALTERATIONS}`, name) ? [`wrote ${name}`] : []),
      ...(altered && without(`${WRITES},${ALTERATIONS}`, name) ? [`altered ${name}`] : []),
      ...(read && without(`${READS},${WRITES},${ALTERATIONS}`, name) ? [`read ${name}`] : []),
    ]);
  const code = recorded.functions
    .filter((name) => !IMPLICIT.has(name) && verdictOn(sql, NO_CODE, { catalog }).effect === 'allow')
    .map((name) => `called ${name}`);
  const harmless = recorded.changed && verdictOn(sql, ['select:*'], { catalog }).effect === 'allow';
  return [...relations, ...code, ...(harmless ? ['changed something, though it only reads'] : [])];
}

/** The need for which a statement is refused that stays away from the one relation that the grant excludes. */
export function refusedWithoutNeed(sql: string, recorded: Recorded, catalog: Catalog): readonly string[] {
  if (CATALOGS.test(sql) || CASCADE.test(sql)) return [];
  if (recorded.relations.some(({ name }) => name === UNTOUCHED)) return [];
  const { effect, error } = verdictOn(sql, [...EVERYTHING, `*:!${UNTOUCHED}`], { catalog });
  return effect === 'allow' ? [] : [`${error?.message}: ${error?.detail}`];
}

const UNTOUCHED = 'spare.untouched';

/** Rows of system relations are not exported, nor locked, where a grant excludes anything. */
const CATALOGS = /\b(pg_catalog|information_schema)\./;
/** What depends on a thing is dropped by grants without exclusions only. */
const CASCADE = /^(drop|alter) .* cascade$/;

/** Code behind triggers, defaults, checks and policies: it needs no grant where it is known to stay in scope. */
const IMPLICIT: ReadonlySet<string> = new Set([
  'app.touch',
  'app.write_audit',
  'app.instead',
  'app.is_banned',
  'app.next_code',
  'app.whoami',
  'app.double',
  'app.norm',
]);

/** Opened, but neither seen nor changed. */
const isLockedOnly = (
  { name, kind }: Touched,
  sql: string,
  recorded: Recorded,
  catalog: Catalog,
): boolean => {
  const others = recorded.relations.filter((other) => other.name !== name);
  if (kind === 'S') return others.some((other) => name.startsWith(`${other.name}_`)); // the inserts' of its table
  if (/^create function .* as \$\$/.test(sql)) return true; // its body is parsed
  const [schema = '', relation = ''] = name.split('.');
  const known = catalog.relation(schema, relation);
  const isPartition = (other: string) =>
    known?.children.some((child) => `${child.schema}.${child.name}` === other);
  const drops = sql.startsWith('drop ');
  const inPart = others.some(
    (other) => (other.written || (drops && other.altered)) && isPartition(other.name),
  );
  if (kind === 'p' && inPart) return true; // for its bounds, or its list of partitions
  const references = (other: string) =>
    known?.referencedBy.some((effect) => `${effect.relation.schema}.${effect.relation.name}` === other);
  return /^drop table \S+$/.test(sql) && others.some((other) => references(other.name)); // a foreign key goes
};

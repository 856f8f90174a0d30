/** The relations of the configured databases, for requests and those who review them: names and sizes, never data. */
import type pg from 'pg';
import type { UpstreamTarget } from '../../proxy/ports.ts';
import { upstreamPool } from '../upstream-pool.ts';

export interface KnownRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materialized view' | 'foreign table';
  /** As PostgreSQL estimates them, of a partitioned table with its partitions; null: it does not. */
  readonly rows: number | null;
  /** In their order. */
  readonly columns: readonly string[];
}

/** ms */
const TIMEOUT = 5_000;
/** ms that an answer is good for. */
const FRESH = 10_000;
/** Of a database with more, the first by name. */
const MOST_RELATIONS = 20_000;

/** Partitions are part of their table. Nothing of this plans a query over anybody's objects, which could run functions. */
const QUERY = `
  with recursive part as (
    select oid as root, oid, relkind from pg_catalog.pg_class where relkind in ('r', 'p', 'm', 'f', 'v') and not relispartition
    union all
    select part.root, child.oid, child.relkind
    from part join pg_catalog.pg_inherits i on i.inhparent = part.oid join pg_catalog.pg_class child on child.oid = i.inhrelid
    where child.relispartition
  ), size as (
    select part.root,
      sum(case when c.reltuples >= 0 and c.relpages > 0 then c.reltuples::float8
        else nullif(pg_catalog.pg_stat_get_live_tuples(c.oid), 0) end) as rows
    from part join pg_catalog.pg_class c on c.oid = part.oid where c.relkind in ('r', 'm') group by 1
  )
  select n.nspname as schema, c.relname as name, c.relkind as kind, size.rows,
    array(select a.attname::text from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace left join size on size.root = c.oid
  where c.relkind in ('r', 'p', 'm', 'f', 'v') and not c.relispartition
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  order by 1, 2 limit ${MOST_RELATIONS}`;

const KINDS: Readonly<Record<string, KnownRelation['kind']>> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

type Row = Omit<KnownRelation, 'kind'> & { readonly kind: string };

interface Look {
  readonly at: number;
  readonly relations: Promise<readonly KnownRelation[]>;
}

export class KnownRelations {
  readonly #targets: Readonly<Record<string, UpstreamTarget>>;
  readonly #pools = new Map<string, pg.Pool>();
  readonly #looks = new Map<string, Look>();

  constructor(targets: Readonly<Record<string, UpstreamTarget>>) {
    this.#targets = targets;
  }

  /** By schema and name. Rejects if the database can't be asked. */
  of(database: string): Promise<readonly KnownRelation[]> {
    const last = this.#looks.get(database);
    if (last !== undefined && performance.now() - last.at < FRESH) return last.relations;
    const relations = this.#look(database);
    this.#looks.set(database, { at: performance.now(), relations });
    relations.catch(() => this.#looks.delete(database));
    return relations;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }

  async #look(database: string): Promise<readonly KnownRelation[]> {
    const { rows } = await this.#pool(database).query<Row>(QUERY);
    return rows.map(({ kind, ...row }) => ({ ...row, kind: KINDS[kind] ?? 'table' }));
  }

  #pool(database: string): pg.Pool {
    const before = this.#pools.get(database);
    if (before !== undefined) return before;
    const target = Object.hasOwn(this.#targets, database) ? this.#targets[database] : undefined;
    if (target === undefined) throw new RangeError(`database ${database} is not configured`);
    const pool = upstreamPool(target, { name: 'postern triage', max: 1, timeout: TIMEOUT });
    pool.on('error', () => this.#looks.delete(database));
    this.#pools.set(database, pool);
    return pool;
  }
}

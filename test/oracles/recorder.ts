/**
 * What PostgreSQL itself says that a statement did: the relations it locked (each that is opened is locked, to the end
 * of the transaction), the tuples it changed, the functions it called. Every run is rolled back.
 */
import pg from 'pg';

export interface Touched {
  /** `schema.name` */
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  /** Opened to be read by a query; the checks of foreign keys are not. */
  readonly read: boolean;
  /** Rows, or the sequence's value, were changed. */
  readonly written: boolean;
  /** Locked as only DDL, TRUNCATE and LOCK do it. */
  readonly altered: boolean;
}

export interface Recorded {
  /** Relations that were there before. */
  readonly relations: readonly Touched[];
  /** User-defined functions that were called (not those that the planner put into the query), as `schema.name`. */
  readonly functions: readonly string[];
  /** It has a transaction ID: something was changed. */
  readonly changed: boolean;
}

interface KnownRelation {
  readonly oid: string;
  readonly name: string;
  readonly kind: string;
}

const KNOWN = `
  select c.oid::text, n.nspname || '.' || c.relname as name, relkind as kind
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where c.oid >= 16384 and relkind in ('r', 'p', 'v', 'm', 'f', 'S') and nspname not like 'pg\\_%'`;

const LOCKS = `
  select relation::text as oid, array_agg(mode) as modes,
    pg_stat_get_xact_tuples_inserted(relation) + pg_stat_get_xact_tuples_updated(relation)
      + pg_stat_get_xact_tuples_deleted(relation) > 0 as changed
  from pg_locks where pid = pg_backend_pid() and locktype = 'relation' and granted group by relation`;

const CALLS = `
  select schemaname || '.' || funcname as name from pg_stat_xact_user_functions
  where calls > 0 and schemaname <> 'information_schema'`;

const WRITING = ['RowExclusiveLock'];
const ALTERING = [
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

export class Recorder {
  readonly #client: pg.Client;
  readonly #known: ReadonlyMap<string, KnownRelation>;

  /** `url`: of a role that owns what is touched. */
  static async open(url: string): Promise<Recorder> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    await client.query("set statement_timeout = '5s'; set track_functions = 'all'");
    const { rows } = await client.query<KnownRelation>(KNOWN);
    return new Recorder(client, new Map(rows.map((row) => [row.oid, row])));
  }

  private constructor(client: pg.Client, known: ReadonlyMap<string, KnownRelation>) {
    this.#client = client;
    this.#known = known;
  }

  get relations(): readonly string[] {
    return [...this.#known.values()].map(({ name }) => name);
  }

  /** One text in a transaction that is rolled back; the server's error where it fails. */
  async run(sql: string): Promise<Recorded | Error> {
    await this.#client.query('deallocate all; select pg_stat_force_next_flush()'); // else it counts what was rolled back
    await this.#client.query('begin');
    try {
      await this.#client.query(sql);
      return await this.#record();
    } catch (error) {
      return error as Error;
    } finally {
      await this.#client.query('rollback');
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  async #record(): Promise<Recorded> {
    const [id] = (
      await this.#client.query<{ id: string | null }>('select pg_current_xact_id_if_assigned() as id')
    ).rows;
    const locks = await this.#client.query<{ oid: string; modes: string[]; changed: boolean }>(LOCKS);
    const calls = await this.#client.query<{ name: string }>(CALLS);
    const relations = locks.rows.flatMap(({ oid, modes, changed }) => {
      const known = this.#known.get(oid);
      if (known === undefined) return [];
      const { name, kind } = known;
      const any = (wanted: readonly string[]) => modes.some((mode) => wanted.includes(mode));
      const written = changed || (kind === 'S' && any(WRITING));
      return [{ name, kind, read: any(['AccessShareLock']), written, altered: any(ALTERING) }];
    });
    return { relations, functions: calls.rows.map(({ name }) => name), changed: (id?.id ?? null) !== null };
  }
}

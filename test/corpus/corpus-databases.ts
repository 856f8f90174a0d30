/** Databases of the corpus: copies of a template, made again when a run has changed one. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';

/** Sessions of the runner and of the catalog loader, which are not the client's. */
const OURS = ['corpus', 'postern catalog'];

export class CorpusDatabase {
  readonly name: string;
  readonly #client: pg.Client;
  #pristine = '';

  private constructor(name: string, client: pg.Client) {
    this.name = name;
    this.#client = client;
  }

  static async open(postgres: OwnPostgres, name: string): Promise<CorpusDatabase> {
    const { directory: host, port, user } = postgres;
    const client = new pg.Client({ host, port, user, database: name, application_name: 'corpus' });
    client.on('error', () => {}); // the database is dropped with it
    await client.connect();
    const database = new CorpusDatabase(name, client);
    database.#pristine = await database.#state();
    return database;
  }

  /** What the case is set up with belongs to the state it starts from. */
  async begin(setup: string): Promise<void> {
    await this.ask(setup);
    this.#pristine = await this.#state();
  }

  /** Runs SQL as the superuser; the last statement's rows, as text. */
  async ask(sql: string): Promise<string> {
    const result = (await this.#client.query(sql)) as pg.QueryResult | pg.QueryResult[];
    return JSON.stringify([result].flat().at(-1)?.rows ?? []);
  }

  /** Waits until the client's sessions are gone, and with them what was only theirs. */
  async changed(): Promise<boolean> {
    await this.#quiet();
    return (await this.#state()) !== this.#pristine;
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  async #quiet(): Promise<void> {
    for (;;) {
      const { rows } = await this.#client.query(
        `select from pg_stat_activity where datname = current_database()
         and backend_type = 'client backend' and application_name <> all ($1)`,
        [OURS],
      );
      if (rows.length === 0) return;
      await sleep(3);
    }
  }

  /** All rows of all tables, all sequences, and the versions of all rows of the catalog. */
  async #state(): Promise<string> {
    const { rows } = await this.#client.query<{ readonly state: string }>(STATE);
    return rows.map(({ state }) => state).join();
  }
}

const CATALOGS = `
  pg_aggregate pg_am pg_attrdef pg_attribute pg_authid pg_auth_members pg_cast pg_class pg_collation pg_constraint
  pg_conversion pg_db_role_setting pg_default_acl pg_depend pg_description pg_enum pg_event_trigger pg_extension
  pg_foreign_data_wrapper pg_foreign_server pg_foreign_table pg_index pg_inherits pg_language pg_largeobject
  pg_largeobject_metadata pg_namespace pg_opclass pg_operator pg_opfamily pg_policy pg_proc pg_publication
  pg_publication_rel pg_range pg_rewrite pg_seclabel pg_sequence pg_shdescription pg_statistic pg_statistic_ext
  pg_subscription pg_trigger pg_ts_config pg_ts_dict pg_type pg_user_mapping`
  .trim()
  .split(/\s+/);

const SHARED = ['pg_authid', 'pg_auth_members', 'pg_db_role_setting', 'pg_shdescription', 'pg_subscription'];

const STATE = `
  select coalesce(md5(string_agg(c.oid::regclass || ':' ||
           query_to_xml(format(case relkind when 'S' then 'select last_value, is_called from %s'
                                            else 'select t.*::text from only %s t' end, c.oid::regclass),
                        true, true, '')::text, ',' order by c.oid)), '') as state
  from pg_class c where relkind in ('r', 'S', 'm') and relpersistence <> 't'
    and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
  ${CATALOGS.filter((name) => !SHARED.includes(name))
    .map(
      (name) =>
        `union all select count(*) || ' ' || coalesce(sum(xmin::text::int8), 0) from pg_catalog.${name}`,
    )
    .join('\n  ')}
`;

/** One lane's copies of one template. Not for use by two runs at once. */
export class CorpusCopies {
  readonly #postgres: OwnPostgres;
  readonly #template: string;
  readonly #nextName: () => string;
  #current: CorpusDatabase | null = null;

  constructor(postgres: OwnPostgres, template: string, nextName: () => string) {
    this.#postgres = postgres;
    this.#template = template;
    this.#nextName = nextName;
  }

  /** A copy as it was made; the last one again if it is still so. `fresh`: a new one. */
  async take(fresh: boolean): Promise<CorpusDatabase> {
    if (this.#current !== null && (fresh || (await this.#current.changed()))) await this.drop();
    this.#current ??= await this.#make();
    return this.#current;
  }

  async drop(): Promise<void> {
    const { name } = this.#current ?? {};
    await this.#current?.close();
    this.#current = null;
    if (name !== undefined) await this.#postgres.query(`drop database ${name} with (force)`);
  }

  async #make(): Promise<CorpusDatabase> {
    const name = this.#nextName();
    await this.#postgres.query(`create database ${name} template ${this.#template}`);
    return CorpusDatabase.open(this.#postgres, name);
  }
}

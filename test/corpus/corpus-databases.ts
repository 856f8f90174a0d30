/** Databases of the corpus: copies of a template, made again when a run has changed one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';

/** Sessions of the catalog loader, which are not the client's. */
const OURS = ['postern catalog'];
/** The database's other sessions. */
const OTHERS = `
  from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
  and pid <> pg_backend_pid()`;

interface RelationRows {
  /** As SQL names it. */
  readonly name: string;
  readonly kind: 'table' | 'sequence';
  /** Those that rows are inserted by: not the generated ones. */
  readonly columns: string;
  /** A table's rows as an array of its row type; a sequence's position as `value,called`. */
  readonly rows: string;
}

export interface State {
  readonly relations: readonly RelationRows[];
  /** Counts of all rows of the catalogs, and of those that have changed. */
  readonly catalog: string;
}

/** Not for use by two runs at once, nor on a server where others write. */
export class CorpusDatabase {
  readonly name: string;
  /** What was run in it first; it belongs to the state that the database starts from. */
  readonly setup: string;
  readonly #client: pg.Client;
  /** Rows that a later transaction has written have changed. */
  #since = '';
  #pristine: State = { relations: [], catalog: '' };
  /** The server's mark when the database was pristine last: with the same mark nothing was written since. */
  #mark: string | null = null;
  /** As it was seen last, if nothing has run since. */
  #seen: State | null = null;

  private constructor(name: string, setup: string, client: pg.Client) {
    this.name = name;
    this.setup = setup;
    this.#client = client;
  }

  /** `pristine`: the state after `setup`, where that is known. */
  static async open(
    postgres: OwnPostgres,
    name: string,
    setup: string,
    pristine?: State,
  ): Promise<CorpusDatabase> {
    const { directory: host, port, user } = postgres;
    const client = new pg.Client({ host, port, user, database: name, application_name: 'corpus' });
    client.on('error', () => {}); // the database is dropped with it
    await client.connect();
    if (setup !== '') await client.query(setup);
    const database = new CorpusDatabase(name, setup, client);
    database.#since = await database.#value('select pg_current_xact_id()::xid::text');
    database.#mark = await database.#value(MARK);
    database.#pristine = pristine ?? (await database.#state());
    return database;
  }

  /** As `setup` has left it. */
  get pristine(): State {
    return this.#pristine;
  }

  /** Runs SQL as the superuser; the last statement's rows, as text. */
  async ask(sql: string): Promise<string> {
    this.#seen = null;
    const result = (await this.#client.query(sql)) as pg.QueryResult | pg.QueryResult[];
    return JSON.stringify([result].flat().at(-1)?.rows ?? []);
  }

  /** Rows, or definitions. Waits until the client's sessions are gone, and with them what was only theirs. */
  async changed(): Promise<boolean> {
    return (await this.rowsChanged()) || this.#seen?.catalog !== this.#pristine.catalog;
  }

  /** Likewise, rows only: a role for each grant comes and goes with its privileges. */
  async rowsChanged(): Promise<boolean> {
    const { relations } = await this.#look();
    return !isDeepStrictEqual(relations, this.#pristine.relations);
  }

  /** Puts changed rows back. False if more has changed, so that a new copy is needed. */
  async restore(): Promise<boolean> {
    const now = this.#seen ?? (await this.#look());
    if (now.catalog !== this.#pristine.catalog) return false;
    const changed = this.#pristine.relations.filter((was, i) => !isDeepStrictEqual(was, now.relations[i]));
    if (changed.length === 0) return true;
    await this.ask(['set session_replication_role = replica', ...changed.map(restoring)].join(';\n'));
    return !(await this.changed());
  }

  /** Ends every session, so that DROP DATABASE need not wait for them: it looks ten times a second. */
  async end(): Promise<void> {
    await this.#client.query(`select pg_terminate_backend(pid) ${OTHERS}`);
    await this.#alone([]);
    await this.#client.end();
  }

  /** The state when the client's sessions are gone. Only what was written to is read. */
  async #look(): Promise<State> {
    await this.#alone(OURS);
    const mark = await this.#value(MARK);
    this.#seen = mark === this.#mark ? this.#pristine : await this.#state();
    if (isDeepStrictEqual(this.#seen, this.#pristine)) this.#mark = mark;
    return this.#seen;
  }

  /** Waits until only sessions of those applications are left, and our own. */
  async #alone(except: readonly string[]): Promise<void> {
    const left = {
      name: 'left',
      text: `select ${OTHERS} and application_name <> all ($1)`,
      values: [except],
    };
    while ((await this.#client.query(left)).rows.length > 0) await sleep(3);
  }

  async #value(sql: string): Promise<string> {
    const { rows } = await this.#client.query<[string]>({ text: sql, rowMode: 'array' });
    return rows[0]![0];
  }

  async #state(): Promise<State> {
    const relations = await this.#client.query<RelationRows>(RELATIONS);
    const versions = { name: 'versions', text: VERSIONS, values: [this.#since] };
    const catalog = await this.#client.query<{ readonly catalog: string }>(versions);
    return {
      relations: relations.rows.map((each) => ({ ...each, rows: unescaped(each.rows) })),
      catalog: catalog.rows[0]!.catalog,
    };
  }
}

function restoring({ name, kind, columns, rows }: RelationRows): string {
  if (kind === 'sequence') return `select setval('${name}', ${rows})`;
  return `delete from only ${name};
          insert into ${name} (${columns}) overriding system value
            select ${columns} from unnest(${pg.escapeLiteral(rows)}::${name}[])`;
}

/** The one value in what query_to_xml gives. */
function unescaped(xml: string): string {
  const value = /<rows>(.*)<\/rows>/s.exec(xml)?.[1] ?? '{}';
  return value
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x0d;', '\r')
    .replaceAll('&amp;', '&');
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

const SHARED = ['pg_authid', 'pg_auth_members', 'pg_shdescription'];

const RELATIONS = `
  select c.oid::regclass::text as name, case relkind when 'S' then 'sequence' else 'table' end as kind,
         (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
          where attrelid = c.oid and attnum > 0 and attgenerated = '' and not attisdropped) as columns,
         query_to_xml(format(case relkind when 'S' then 'select last_value || '','' || is_called::text as rows from %s'
                                          else 'select array_agg(t)::text as rows from only %s t' end, c.oid::regclass),
                      true, true, '')::text as rows
  from pg_class c where relkind in ('r', 'S', 'm') and relpersistence <> 't' and relispopulated
    and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
  order by c.oid`;

/**
 * The transactions that have ended, as a snapshot has them, and the positions of the sequences, which move without one:
 * nothing is written that changes neither.
 */
const MARK = `
  select pg_current_snapshot()::text || ' ' || coalesce(string_agg(
           s.seqrelid || '=' || coalesce(pg_sequence_last_value(s.seqrelid)::text, ''), ',' order by s.seqrelid), '')
  from pg_sequence s join pg_class c on c.oid = s.seqrelid where c.relpersistence <> 't'`;

/** The rows that are the database's own. Schemas of temporary objects stay when the objects are gone. */
const OWN: Readonly<Record<string, string>> = {
  pg_namespace: `where nspname !~ '^pg_(toast_)?temp_'`,
  pg_db_role_setting: 'where setdatabase = (select oid from pg_database where datname = current_database())',
  pg_subscription: 'where subdbid = (select oid from pg_database where datname = current_database())',
};

const versionOf = (name: string): string =>
  `select count(*) || ' ' || count(*) filter (where age(xmin) < age($1::xid)) as version
   from pg_catalog.${name} ${OWN[name] ?? ''}`;

const VERSIONS = `select string_agg(version, ',') as catalog
  from (${CATALOGS.filter((name) => !SHARED.includes(name))
    .map(versionOf)
    .join('\n  union all ')}) versions`;

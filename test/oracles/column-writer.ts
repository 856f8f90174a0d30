/** Statements at random over relations of which some columns are granted: each clause may touch any column. */
/** All columns can be compared as texts, and each relation has an `id`. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  customers: ['id', 'full_name', 'email', 'secret'],
  orders: ['id', 'note', 'total'],
  animals: ['id', 'name', 'owner'],
  dogs: ['id', 'name', 'owner', 'breed'],
  events: ['id', 'at', 'who'],
  people: ['id', 'full_name', 'email'],
  folk: ['id', 'full_name', 'email'],
  pairs: ['id', 'pair', 'hidden'],
  logged: ['id', 'note', 'secret'],
};
const RELATIONS = Object.keys(COLUMNS);
const TARGETS = ['customers', 'customers', 'orders', 'events', 'people', 'pairs', 'logged'];

interface Source {
  readonly alias: string;
  /** null: not to be named one by one. */
  readonly columns: readonly string[];
}

/** A FROM list, and what it brings into sight. */
interface From {
  readonly sql: string;
  readonly sources: readonly Source[];
}

export class ColumnWriter {
  readonly #random: () => number;
  #names = 0;

  /** `random`: numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  text(): string {
    return this.#oneOf([
      () => this.#query(2, []),
      () => this.#query(2, []),
      () => this.#write(),
      () => this.#write(),
      () => this.#copy(),
      () => `with w as (${this.#write(' returning 1')}) select count(*) from w, (${this.#query(1, [])}) q`,
    ]);
  }

  #query(depth: number, outer: readonly Source[]): string {
    const { sql, sources } = this.#from(depth);
    const seen = [...sources, ...outer];
    const e = () => this.#expression(seen, depth);
    const where = this.#maybe(() => ` where ${this.#condition(seen, depth)}`);
    return this.#oneOf([
      () => `select ${e()} as x from ${sql}${where}${this.#maybe(() => ` order by ${e()}`)}`,
      () => `select ${this.#pick(sources).alias}.id from ${sql}${where}`,
      () => `select count(*) from ${sql}${where}`,
      () => `select ${this.#aggregate(seen, depth)} as x from ${sql}${where}${this.#having(seen, depth)}`,
      () => `select count(*) as x from ${sql} group by ${this.#grouping(seen, depth)}`,
      () => `select ${this.#window(seen, depth)} as x from ${sql}${where}`,
      () => `select rank() over w as x from ${sql} window w as (partition by ${e()} order by ${e()})`,
      () => `select distinct on (${e()}) 1 as x from ${sql}${where}`,
      () => `select ${this.#pick(['', 'distinct '])}${this.#star(sources)} from ${sql}`,
      () => `select ${e()} as x from ${sql}${where} limit (select count(${e()}) from ${this.#from(0).sql})`,
      () => `select ${e()} as x from ${sql} union ${this.#pick(['', 'all '])}${this.#query(0, outer)}`,
      () => `select 1 as x from ${sql} for ${this.#pick(['update', 'share', 'key share'])}`,
    ]);
  }

  #having = (seen: readonly Source[], depth: number) =>
    this.#maybe(() => ` having ${this.#aggregate(seen, depth)} is null`);

  #star(sources: readonly Source[]): string {
    const { alias } = this.#pick(sources);
    return this.#pick([
      '*',
      `${alias}.*`,
      `(${alias}).*`,
      `row(${alias}.*)`,
      `${alias}`,
      `to_json(${alias})`,
    ]);
  }

  #from(depth: number): From {
    const first = this.#source(depth);
    return this.#oneOf([
      () => first,
      () => first,
      () => this.#join(first, depth),
      () => this.#lateral(first, depth),
      () => joined(first, ', ', this.#source(depth), ''),
    ]);
  }

  #join(left: From, depth: number): From {
    const right = this.#source(depth);
    const sources = [...left.sources, ...right.sources];
    const shared = (left.sources[0]?.columns ?? []).filter((each) =>
      right.sources[0]?.columns.includes(each),
    );
    const using = shared.length === 0 ? ['id'] : this.#some(shared);
    const how = this.#pick(['join', 'left join', 'full join']);
    return this.#oneOf([
      () => joined(left, ' join ', right, ` on ${this.#condition(sources, depth)}`),
      () => joined(left, ` ${how} `, right, ` using (${using.join(', ')})`),
      () => joined(left, ' natural join ', right, ''),
      () => joined(left, ' cross join ', right, ''),
    ]);
  }

  #lateral(left: From, depth: number): From {
    const alias = this.#alias();
    const e = this.#expression(left.sources, depth);
    const column = `${alias}(x)`;
    const item = this.#oneOf([
      () => `lateral (select ${e}) as ${column}`,
      () => `lateral (values (${e})) as ${column}`,
      () => `unnest(array[${e}]) as ${column}`,
      () => `generate_series(1, length(${e})) as ${column}`,
      () => `rows from (generate_series(1, length(${e})), unnest(array[${e}])) as ${alias}(x, y)`,
      () => `json_table(to_json(${e}), '$' columns (x text path '$')) as ${alias}`,
      () => `xmltable('/a' passing xmlelement(name a, ${e}) columns x text path '.') as ${alias}`,
      () => `json_to_record(to_json(${e})) as ${alias}(x text)`,
    ]);
    return { sql: `${left.sql}, ${item}`, sources: [...left.sources, { alias, columns: ['x'] }] };
  }

  #source(depth: number): From {
    const alias = this.#alias();
    const name = this.#pick(RELATIONS);
    const columns = COLUMNS[name] ?? [];
    const plain = (sql: string): From => ({ sql, sources: [{ alias, columns }] });
    return this.#oneOf([
      () => plain(`${name} ${alias}`),
      () => plain(`${name} as ${alias}`),
      () => plain(`only ${name} ${alias}`),
      () => plain(`public.${name} ${alias}`),
      () => ({ sql: `${name} ${alias}(a)`, sources: [{ alias, columns: ['a', ...columns.slice(1)] }] }),
      () => ({
        sql: depth > 0 ? `(${this.#query(depth - 1, [])}) ${alias}` : `${name} ${alias}`,
        sources: [{ alias, columns: depth > 0 ? ['x', 'id'] : columns }],
      }),
    ]);
  }

  #condition(seen: readonly Source[], depth: number): string {
    const e = () => this.#expression(seen, depth);
    const entry = this.#pick(seen).alias;
    return this.#oneOf([
      () => `${e()} is not null`,
      () => `${e()} = ${e()}`,
      () => `${e()} in ('a', ${e()})`,
      () => `${e()} like 'a%' or ${e()} between 'a' and 'b'`,
      () => `(${e()}, ${e()}) < ('a', 'b')`,
      () => `${e()} is distinct from ${e()}`,
      () => `${e()} = any (array['a', ${e()}])`,
      () => `${entry} is not null`,
      () => `${entry} = ${entry}`,
      () => `exists (${this.#query(0, seen)})`,
      () => `${e()} in (select full_name from customers where ${this.#column(seen)} is null)`,
    ]);
  }

  /** A text. */
  #expression(seen: readonly Source[], depth: number): string {
    const column = () => this.#column(seen);
    const entry = () => this.#pick(seen).alias;
    const e = () => this.#expression(seen, depth - 1);
    const simple = [column, column, column, () => `'a'`];
    if (depth <= 0) return `(${this.#oneOf(simple)})::text`;
    const text = this.#oneOf([
      ...simple,
      ...simple,
      () => `coalesce(${e()}, ${e()})`,
      () => `case ${e()} when 'a' then ${e()} else 'b' end`,
      () => `greatest(${e()}, ${e()})`,
      () => `${e()} || ${e()}`,
      () => `row(${e()}, 1)`,
      () => `(array[${e()}])[1]`,
      () => `(select ${e()} limit 1)`,
      () => `(select max(x) from (select ${column()}::text as x) q)`,
      () => entry(),
      () => `${entry()}.ctid`,
      () => `row_to_json(${entry()})`,
      () => `json_build_object('a', ${e()})`,
      () => `xmlforest(${column()} as a)`,
      () => `count(*) over (order by ${e()})`,
    ]);
    return `(${text})::text`;
  }

  #column(seen: readonly Source[]): string {
    const { alias, columns } = this.#pick(seen);
    const name = this.#pick(columns);
    return this.#pick([
      `${alias}.${name}`,
      `${alias}.${name}`,
      name,
      `(${alias}).${name}`,
      `${name}(${alias})`,
    ]);
  }

  #aggregate(seen: readonly Source[], depth: number): string {
    const e = () => this.#expression(seen, Math.min(depth, 1));
    return this.#oneOf([
      () => `max(${e()})`,
      () => `string_agg(${e()}, ',' order by ${e()})`,
      () => `count(*) filter (where ${e()} is null)::text`,
      () => `percentile_disc(0.5) within group (order by ${e()})`,
      () => `count(distinct ${e()})::text`,
      () => `array_agg(${this.#pick(seen).alias})::text`,
    ]);
  }

  #grouping(seen: readonly Source[], depth: number): string {
    const e = () => this.#expression(seen, Math.min(depth, 1));
    return this.#oneOf([
      () => `grouping sets ((${e()}), ())`,
      () => `rollup (${e()}, ${e()})`,
      () => `cube (${e()})`,
      e,
    ]);
  }

  #window(seen: readonly Source[], depth: number): string {
    const e = () => this.#expression(seen, Math.min(depth, 1));
    return `lag(${e()}) over (partition by ${e()} order by ${e()})`;
  }

  #write(returning?: string): string {
    const name = this.#pick(TARGETS);
    const columns = COLUMNS[name] ?? [];
    const alias = this.#alias();
    const own: Source = { alias, columns };
    const tail = returning ?? this.#maybe(() => ` returning ${this.#returned(own)}`);
    return this.#oneOf([
      () => this.#insert(name, own) + tail,
      () => this.#update(name, own) + tail,
      () => this.#delete(name, own) + tail,
      () => this.#merge(name, own) + (returning ?? ''),
    ]);
  }

  #returned = (own: Source): string =>
    this.#oneOf([() => '1', () => this.#expression([own], 1), () => `${own.alias}.*`, () => '*']);

  #insert(name: string, own: Source): string {
    const written = this.#some(own.columns);
    const values = written.map(() => 'null').join(', ');
    const conflict = this.#oneOf([
      () => '',
      () => ' on conflict do nothing',
      () => ` on conflict (id) do nothing`,
      () => ` on conflict (id) do update set ${this.#assignment(own, [own, { ...own, alias: 'excluded' }])}`,
      () =>
        ` on conflict (id) do update set ${this.#assignment(own, [own])} where ${this.#condition([own], 1)}`,
    ]);
    const source = this.#oneOf([
      () => `values (${values})`,
      () => `select ${values} from ${this.#from(1).sql}`,
    ]);
    return `insert into ${name} as ${own.alias} (${written.join(', ')}) ${source}${conflict}`;
  }

  #update(name: string, own: Source): string {
    const from = this.#oneOf([() => null, () => this.#from(1)]);
    const seen = [own, ...(from?.sources ?? [])];
    const where = this.#maybe(() => ` where ${this.#condition(seen, 1)}`);
    return `update ${name} as ${own.alias} set ${this.#assignment(own, seen)}${from === null ? '' : ` from ${from.sql}`}${where}`;
  }

  #assignment(own: Source, seen: readonly Source[]): string {
    const column = this.#pick(own.columns);
    return this.#oneOf([
      () => `${column} = default`,
      () => `${column} = null`,
      () => `${column} = case when ${this.#condition(seen, 1)} then null end`,
      () => `(${column}) = (select null where ${this.#condition(seen, 0)})`,
    ]);
  }

  #delete(name: string, own: Source): string {
    const using = this.#oneOf([() => null, () => this.#from(1)]);
    const seen = [own, ...(using?.sources ?? [])];
    const where = this.#maybe(() => ` where ${this.#condition(seen, 1)}`);
    return `delete from ${name} as ${own.alias}${using === null ? '' : ` using ${using.sql}`}${where}`;
  }

  #merge(name: string, own: Source): string {
    const source = this.#source(1);
    const seen = [own, ...source.sources];
    const and = () => this.#maybe(() => ` and ${this.#condition(seen, 1)}`);
    const branch = this.#oneOf([
      () => `when matched${and()} then update set ${this.#assignment(own, seen)}`,
      () => `when matched${and()} then delete`,
      () => `when matched${and()} then do nothing`,
      () => `when not matched then insert (${this.#some(own.columns)[0]}) values (null)`,
    ]);
    return `merge into ${name} as ${own.alias} using ${source.sql} on ${this.#condition(seen, 1)} ${branch}`;
  }

  #copy(): string {
    const name = this.#pick(RELATIONS);
    const columns = this.#some(COLUMNS[name] ?? []).join(', ');
    return this.#oneOf([
      () => `copy ${name} to stdout`,
      () => `copy ${name} (${columns}) to stdout`,
      () => `copy (${this.#query(1, [])}) to stdout`,
    ]);
  }

  #alias = (): string => `t${this.#names++}`;
  #maybe = (write: () => string): string => this.#oneOf([() => '', write]);
  #oneOf = <T>(choices: readonly (() => T)[]): T => this.#pick(choices)();
  #pick = <T>(values: readonly T[]): T => values[Math.floor(this.#random() * values.length)] as T;

  /** At least one. */
  #some<T>(values: readonly T[]): readonly T[] {
    const kept = values.filter(() => this.#random() < 0.5);
    return kept.length === 0 ? values.slice(0, 1) : kept;
  }
}

const joined = (left: From, how: string, right: From, on: string): From => ({
  sql: `${left.sql}${how}${right.sql}${on}`,
  sources: [...left.sources, ...right.sources],
});

/** Statements at random, by a grammar that knows the schema (schema.sql), so that most of them run. */
import type { GeneratorValue } from 'fast-check';
import fc from 'fast-check';
import {
  CALLS,
  type Column,
  DEFINITIONS,
  type ColumnType as Kind,
  RELATIONS,
  type SomeRelation,
  TABLES,
} from './vocabulary.ts';

interface Source {
  readonly alias: string;
  readonly columns: readonly Column[];
}

/** How deep queries nest. */
const DEPTH = 3;

export class StatementWriter {
  readonly #draw: GeneratorValue;
  #aliases = 0;

  constructor(draw: GeneratorValue) {
    this.#draw = draw;
  }

  /** One text: mostly one statement. */
  text(): string {
    const inner = this.#oneOf([() => this.#query(DEPTH), () => this.#write(), () => this.#write()]);
    return this.#oneOf([
      () => inner,
      () => inner,
      () => inner,
      () => this.#copy(),
      () => `truncate ${this.#pick(TABLES).name}${this.#pick([' cascade', ''])}`,
      () => `explain ${this.#pick(['', '(analyze) ', 'analyze verbose ', '(costs off) '])}${inner}`,
      () => `prepare p as ${inner}; execute p`,
      () => `declare c cursor for ${this.#query(DEPTH)}; fetch 2 from c`,
      () => `create ${this.#pick(['temp ', ''])}table made as ${this.#query(DEPTH)}; table made`,
      () => `create ${this.#pick(['temp ', ''])}view made as ${this.#query(DEPTH)}; select * from made`,
      () => `call app.archive(${this.#value('int', [], 0)})`,
      () => `do $$ begin perform * from (${this.#query(1)}) as x; end $$`,
      () => this.#pick(DEFINITIONS),
      () => `${inner}; ${this.#write()}`,
    ]);
  }

  #write(): string {
    return this.#oneOf([
      () => this.#insert(),
      () => this.#update(),
      () => this.#delete(),
      () => this.#merge(),
      () =>
        `with w as (${this.#oneOf([() => this.#insert(), () => this.#update(), () => this.#delete()])} returning 1 as one) select one from w, (${this.#query(1)}) q`,
    ]);
  }

  #insert(): string {
    const { name, columns } = this.#pick(TABLES);
    const written = this.#some(columns.filter(({ readonly }) => !readonly));
    const list = written.map((column) => column.name).join(', ');
    const values = written.map(({ type }) => this.#value(type, [], 1)).join(', ');
    const source = this.#oneOf([
      () => `values (${values})`,
      () => `select ${values} from ${this.#from(1).sql} limit 3`,
    ]);
    if (written.length === 0) return `insert into ${name} default values`;
    const conflict = this.#pick(['', '', '', ' on conflict do nothing']);
    return `insert into ${name} (${list}) ${source}${conflict}${this.#returning()}`;
  }

  #update(): string {
    const { name, columns } = this.#pick(TABLES);
    const own: Source = { alias: 'u', columns };
    const changed = this.#some(columns.filter(({ readonly }) => !readonly));
    if (changed.length === 0) return this.#delete();
    const sets = changed.map((column) => `${column.name} = ${this.#value(column.type, [own], 1)}`).join(', ');
    const from = this.#maybe() ? ` from ${this.#from(1).sql}` : '';
    return `update ${this.#pick(['', 'only '])}${name} as u set ${sets}${from} where ${this.#value('bool', [own], 2)}`;
  }

  #delete(): string {
    const { name, columns } = this.#pick(TABLES);
    const using = this.#maybe() ? ` using ${this.#from(1).sql}` : '';
    const where = this.#maybe() ? ` where ${this.#value('bool', [{ alias: 'd', columns }], 2)}` : '';
    return `delete from ${this.#pick(['', 'only '])}${name} as d${using}${where}`;
  }

  #merge(): string {
    const { name, columns } = this.#pick(TABLES);
    const target: Source = { alias: 'm', columns };
    const written = columns.filter(({ readonly }) => !readonly).slice(0, 2);
    const list = written.map((column) => column.name).join(', ');
    const values = written.map(({ type }) => this.#value(type, [], 0)).join(', ');
    const branches = [
      'when matched then delete',
      `when not matched then insert (${list}) values (${values})`,
      `when matched then update set ${written[0]?.name} = ${this.#value(written[0]?.type ?? 'int', [target], 1)}`,
      'when not matched then do nothing',
    ];
    const { sql } = this.#item(1);
    return `merge into ${name} as m using ${sql} on ${this.#value('bool', [target], 1)} ${this.#pick(branches)}`;
  }

  /** The recorder has no stream to copy from or to. */
  #copy(): string {
    return this.#oneOf([
      () => `copy (${this.#query(2)}) to '/dev/null'`,
      () => `copy (${this.#pick(TABLES).name.replace(/^/, 'delete from ')} returning 1) to '/dev/null'`,
      () => `copy ${this.#pick(TABLES).name} from '/dev/null'`,
      () => `copy ${this.#pick(TABLES).name} to '/dev/null'`,
    ]);
  }

  #returning(): string {
    return this.#maybe() ? ` returning (${this.#value('int', [], 2)})` : '';
  }

  /** A query with one column of each type. */
  #query(depth: number): string {
    const { sql, sources } = this.#from(depth);
    const item = (type: Kind) => `${this.#value(type, sources, depth - 1)} as ${type}_`;
    const items = KINDS.map(item).join(', ');
    const where = this.#maybe() ? ` where ${this.#value('bool', sources, depth)}` : '';
    const order = this.#maybe()
      ? ` order by nullif(${this.#value(this.#pick(KINDS), sources, depth - 1)}, null)`
      : '';
    const plain = `select ${items} from ${sql}${where}`;
    return this.#oneOf([
      () => `${plain}${order} limit 5`,
      () => `${plain}${order}`,
      () =>
        depth > 1
          ? `(${this.#query(depth - 1)}) ${this.#pick(['union', 'except', 'intersect all'])} (${plain})`
          : plain,
      () =>
        depth > 1
          ? `with q as (${this.#query(depth - 1)}) select int_, text_, bool_ from q, (${plain}) as r (a, b, c)`
          : plain,
      () => (depth < DEPTH ? plain : `${plain} for ${this.#pick(['update', 'share', 'key share'])}`),
      () =>
        `select count(*)::integer as int_, max(t) as text_, bool_or(b) as bool_ from (${plain}) as g (i, t, b)`,
    ]);
  }

  #from(depth: number): { readonly sql: string; readonly sources: readonly Source[] } {
    const left = this.#item(depth);
    if (depth <= 0 || this.#maybe()) return { sql: left.sql, sources: [left.source] };
    const right = this.#item(depth - 1);
    const sources = [left.source, right.source];
    const kind = this.#pick(['join', 'left join', 'cross join', ',']);
    const on = kind.endsWith('t join') || kind === 'join' ? ` on ${this.#value('bool', sources, 1)}` : '';
    return { sql: `${left.sql} ${kind} ${right.sql}${kind === 'cross join' ? '' : on}`, sources };
  }

  #item(depth: number): { readonly sql: string; readonly source: Source } {
    const alias = `t${this.#aliases++}`;
    if (depth > 1 && this.#maybe()) {
      const columns = KINDS.map((type) => ({ name: `${type}_`, type }));
      return { sql: `(${this.#query(depth - 1)}) as ${alias}`, source: { alias, columns } };
    }
    const { name, columns }: SomeRelation = this.#pick(RELATIONS);
    return { sql: `${this.#pick(['', '', '', 'only '])}${name} as ${alias}`, source: { alias, columns } };
  }

  /** An expression of that type. */
  #value(type: Kind, sources: readonly Source[], depth: number): string {
    const columns = sources.flatMap(({ alias, columns }) =>
      columns.filter((column) => column.type === type).map(({ name }) => `${alias}.${name}`),
    );
    const leaf = () => this.#pick([...columns, ...CONSTANTS[type]]);
    if (depth <= 0) return leaf();
    const inner = (other: Kind) => this.#value(other, sources, depth - 1);
    const call = () =>
      this.#pick(CALLS[type]).replace(/\$(int|text|bool)/g, (_, other: Kind) => inner(other));
    const choices = [leaf, leaf, call, () => `(select ${type}_ from (${this.#query(depth - 1)}) s limit 1)`];
    if (type === 'bool')
      choices.push(
        () => `exists (${this.#query(depth - 1)})`,
        () => `${inner('int')} in (select int_ from (${this.#query(depth - 1)}) s)`,
      );
    return this.#oneOf(choices);
  }

  #oneOf(choices: readonly (() => string)[]): string {
    return this.#pick(choices)();
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#draw(fc.nat, { max: list.length - 1 })]!;
  }

  #maybe(): boolean {
    return this.#draw(fc.boolean);
  }

  #some<T>(list: readonly T[]): readonly T[] {
    return this.#draw(fc.subarray<T>, list as T[]);
  }
}

const KINDS: readonly Kind[] = ['int', 'text', 'bool'];

const CONSTANTS: Readonly<Record<Kind, readonly string[]>> = {
  int: ['1', '2', '1000'],
  text: ["'c1'", "'s'", "'recorder'"],
  bool: ['true', 'false'],
};

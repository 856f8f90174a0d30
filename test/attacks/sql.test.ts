/**
 * SQL that tries to get out of its grant, sent through the proxy to a real PostgreSQL as a superuser, who may do all:
 * whatever the guardrails let pass, happens. Each attack must be refused by its grant and must change and show nothing;
 * its twins, which stay inside, must work.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import pg from 'pg';
import { startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

interface Case {
  readonly title: string;
  readonly allow: readonly string[];
  readonly deny?: readonly string[];
  /** The texts of one session, in turn. */
  readonly attacks: readonly (readonly string[])[];
  readonly twins: readonly (readonly string[])[];
}

const CASES: readonly Case[] = [
  {
    title: 'writes through a view of the session',
    allow: ['select:public.orders', 'select:public.customers(id,full_name)', 'create:pg_temp.*'],
    attacks: [
      ['create temp view v as select * from orders', 'delete from v'],
      ['create temp view v as select * from orders', 'delete from pg_temp.v'],
      ['create temp view v as select id, full_name from customers', "update v set full_name = 'x'"],
      ['create temp view v as select id, full_name from customers', "insert into v values (9, 'x')"],
      [
        'create temp view v as select id, full_name from customers',
        'merge into v using (values (1)) s (id) on v.id = s.id when matched then delete',
      ],
    ],
    twins: [
      ['create temp view v as select * from orders', 'select * from v'],
      ['create temp table t as select 1 as x where false', 'insert into t values (1)', 'delete from t'],
      ['create temp table t (x int)', 'alter table t rename to u', 'insert into u values (1)', 'table u'],
    ],
  },
  {
    title: 'writes through a view that is not committed yet',
    allow: [
      'select,create,insert,update,delete:public.scratch_*',
      'select:public.payments',
      'create:pg_temp.*',
    ],
    attacks: [
      ['begin', 'create view scratch_v as select * from payments', 'delete from scratch_v', 'commit'],
      [
        'begin',
        'create view public.scratch_v as table payments',
        "update public.scratch_v set card = ''",
        'commit',
      ],
      [
        'create temp table t (id int)',
        'create view scratch_t as select * from payments p where not exists (select from t where t.id = p.id)',
        'delete from scratch_t',
      ],
    ],
    twins: [
      ['begin', 'create view scratch_v as select id from payments', 'select * from scratch_v', 'rollback'],
      ['begin', 'create table scratch_t (x int)', 'insert into scratch_t values (1)', 'rollback'],
    ],
  },
  {
    title: 'a relation under another name',
    allow: ['select,alter,create,delete,drop:public.*'],
    deny: ['select,delete:public.payments', 'drop:public.orders'],
    attacks: [
      ['begin', 'alter table payments rename to scratch', 'select * from scratch'],
      ['begin', 'alter table payments rename to scratch', 'delete from scratch', 'commit'],
      ['begin', 'alter table orders rename to scratch', 'drop table scratch', 'commit'],
      ['begin', 'alter view hidden rename to scratch', 'select * from scratch'],
    ],
    twins: [
      ['begin', 'alter table tickets rename to issues', 'rollback'],
      ['begin', 'alter table tickets rename column status to state', 'rollback'],
    ],
  },
  {
    title: 'search_path changed within the statement',
    allow: ['update:public.s', 'select:public.*'],
    attacks: [
      ["select set_config('search_path', 'hr', false), nextval('s'::text::regclass)"],
      ["select set_config('search_path', 'hr', false)", 'select * from salaries'],
      ["prepare p as select nextval('s'::text::regclass)", 'set search_path = hr', 'execute p'],
    ],
    twins: [["select nextval('s')"], ["select set_config('search_path', 'public', false), nextval('s')"]],
  },
  {
    title: 'operator classes',
    allow: ['select:public.releases', 'select:public.plain_releases'],
    attacks: [
      ['select v from releases order by v'],
      ['select distinct v from releases'],
      ['select v from releases group by v'],
      ['select v from releases union select v from releases'],
      ['select row_number() over (order by v) from releases'],
    ],
    twins: [['select distinct v from plain_releases order by v']],
  },
  {
    title: 'rows made of rows',
    allow: ['select:public.stock', 'select:public.orders'],
    attacks: [
      [`select jsonb_populate_record(x, '{"quantity": 5}') from stock x`],
      [`select (json_populate_record(x, '{"quantity": 5}')).quantity from stock x`],
      [`with x as (select * from stock) select jsonb_populate_record(x, '{"quantity": 5}') from x`],
      [`select r.* from stock x, jsonb_populate_recordset(x, '[{"quantity": 5}]') r`],
    ],
    twins: [
      ['select * from stock order by quantity'],
      [`select jsonb_populate_record(x, '{"note": "a"}') from orders x`],
      [`select jsonb_populate_record(null::orders, '{"note": "a"}')`],
    ],
  },
  {
    title: 'a relation as a part of another',
    allow: ['select,alter,create,delete:public.*'],
    deny: ['select,delete:public.payments'],
    attacks: [
      ['begin', 'create table p (id int, card text)', 'alter table payments inherit p', 'select * from p'],
      [
        'begin',
        'create table p (id int, card text) partition by range (id)',
        'alter table p attach partition payments for values from (0) to (9)',
        'select * from p',
      ],
      [
        'begin',
        'create table p (id int primary key)',
        'alter table payments add foreign key (id) references p on delete cascade not valid',
        'delete from p',
      ],
    ],
    twins: [
      [
        'begin',
        'create table p (id int, status text)',
        'alter table tickets inherit p',
        'select * from p',
        'rollback',
      ],
      [
        'begin',
        'create table p (id int primary key)',
        'alter table tickets add foreign key (id) references p on update cascade',
        'delete from p',
        'rollback',
      ],
    ],
  },
  {
    title: 'ties between relations',
    allow: ['select,create,alter:public.scratch*', 'select:public.orders'],
    attacks: [
      ['create sequence scratch_s owned by payments.id'],
      ['create table scratch_t (x int references payments)'],
      ['create table scratch_t () inherits (payments)'],
      ['create table scratch_t (like payments)'],
    ],
    twins: [
      [
        'begin',
        'create table scratch_t (x int)',
        'create sequence scratch_s owned by scratch_t.x',
        'rollback',
      ],
    ],
  },
];

const postgres = await startPostgres();
await postgres.query('create database shop');
await postgres.query(readFileSync(new URL('sql-schema.sql', import.meta.url), 'utf8'), 'shop');
const postern = await startPostern({ postgres, databases: { shop: postgres.url('shop') } });
test.after.always(async () => {
  await postern.stop();
  await postgres.stop();
});

/** Everything that there is. */
async function state(): Promise<string> {
  const rows = await postgres.query(
    `select c.oid::regclass::text as name, c.relowner,
            case when relkind = 'r' then query_to_xml(format('select * from %s', c.oid::regclass), true, true, '')::text
                 when relkind = 'S' then query_to_xml(format('select last_value, is_called from %s', c.oid::regclass), true, true, '')::text
                 end as content
     from pg_class c where relnamespace in ('public'::regnamespace, 'hr'::regnamespace) order by 1`,
    'shop',
  );
  return JSON.stringify(rows);
}

interface Seen {
  readonly errors: readonly pg.DatabaseError[];
  /** Rows, notices and errors. */
  readonly text: string;
}

/** The texts in one session, which goes on after errors. */
async function seenBy(url: string, texts: readonly string[]): Promise<Seen> {
  const client = new pg.Client({ connectionString: url });
  const errors: pg.DatabaseError[] = [];
  const seen: unknown[] = [];
  client.on('notice', (notice) => seen.push({ ...notice }));
  await client.connect();
  for (const text of texts) {
    const result = await client.query(text).catch((error: pg.DatabaseError) => void errors.push(error));
    seen.push([result].flat().map((each) => each?.rows));
  }
  await client.end();
  return { errors, text: JSON.stringify([seen, errors.map((error) => ({ ...error, said: error.message }))]) };
}

const isDenial = (error: pg.DatabaseError): boolean =>
  error.code === '42501' && error.message.startsWith('permission denied by grant');

for (const { title, allow, deny = [], attacks, twins } of CASES) {
  test.serial(title, async (t) => {
    const { url } = await postern.grant({ allow, deny });
    const before = await state();
    for (const texts of attacks) {
      const { errors, text } = await seenBy(url, texts);
      t.true(errors.some(isDenial), `not refused: ${texts.join('; ')}`);
      t.notRegex(text, /TOPSECRET/, texts.join('; '));
      t.is(await state(), before, texts.join('; '));
    }
    for (const texts of twins) {
      const { errors } = await seenBy(url, texts);
      t.deepEqual(
        errors.map(({ message, detail }) => `${message} ${detail}`),
        [],
        texts.join('; '),
      );
    }
  });
}

test.serial('a broken constraint does not show columns that the grant may not read', async (t) => {
  const part = await postern.grant({ allow: ['select,insert,update:public.notes(id,body)'] });
  const broken = [
    ['update notes set body = null where id = 1'],
    ['select 1; update notes set body = null where id = 1'],
    ['insert into notes (body) values (null)'],
    ['prepare p as update notes set body = null', 'execute p'],
  ];
  for (const texts of broken) {
    const { errors, text } = await seenBy(part.url, texts);
    t.is(errors[0]?.code, '23502');
    t.is(errors[0]?.detail, undefined);
    t.notRegex(text, /TOPSECRET/);
  }
  const whole = await postern.grant({ allow: ['select,update:public.notes'] });
  const { errors } = await seenBy(whole.url, ['update notes set body = null where id = 1']);
  t.regex(errors[0]?.detail ?? '', /Failing row contains \(1, null, TOPSECRET\)/);
});

test.serial('what another session has just made is known', async (t) => {
  const grant = await postern.grant({ allow: ['select,create:public.*'] });
  for (const name of ['just_a', 'just_b', 'just_c']) {
    t.deepEqual((await seenBy(grant.url, [`create table ${name} (x int)`])).errors, []);
    t.deepEqual((await seenBy(grant.url, [`select * from ${name}`])).errors, []);
  }
});

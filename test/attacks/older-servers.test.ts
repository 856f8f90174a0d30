/**
 * The guardrails read SQL as the newest PostgreSQL does. What has become a keyword since is to an older server the name
 * of a function, a column or a table, so there it counts as that too.
 */
import test from 'ava';
import pg from 'pg';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

const CALLS = [
  'json(1)',
  'json_array()',
  'json_array(1, 2)',
  'json_arrayagg(1)',
  'json_object()',
  'json_object(1)',
  `json_exists('{}'::jsonb, '$.a')`,
  `json_query('{}'::jsonb, '$.a')`,
  `json_scalar('x')`,
  `json_serialize('x')`,
  `json_value('{}'::jsonb, '$.a')`,
  'merge_action()',
];

const SCHEMA = `
  create table customers (id int, full_name text, email text);
  insert into customers values (1, 'Ann', 'TOPSECRET');
  ${CALLS.map((call, index) => {
    const name = /^\w+/.exec(call)![0];
    const argument = /\((.*)\)/.exec(call)![1]!;
    const types =
      argument === '' ? [] : argument.split(', ').map((each) => (each.startsWith("'") ? 'text' : 'int'));
    const typed = types.map((type, place) => (place === 0 && argument.includes('jsonb') ? 'jsonb' : type));
    return `create function ${name}(${typed.join()}) returns text language sql as $$ select 'TOPSECRET ${index}' $$;`;
  }).join('\n')}
`;

let postern: Postern;

test.before(async () => {
  const postgres = await startPostgres({ version: 13 });
  await postgres.query(SCHEMA);
  postern = await startPostern({ postgres });
});

test.after.always(async () => {
  await postern?.stop();
  await postern?.postgres.stop();
});

async function answer(allow: readonly string[], sql: string): Promise<string> {
  const { url } = await postern.grant({ allow });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return JSON.stringify((await client.query(sql)).rows);
  } catch (error) {
    return (error as pg.DatabaseError).code ?? '';
  } finally {
    await client.end();
  }
}

for (const call of CALLS) {
  test.serial(`${call} is a call of a function`, async (t) => {
    t.is(await answer(['select:public.*'], `select ${call}`), '42501');
    t.is(await answer(['select:public.*'], `select * from ${call} as f`), '42501');
    t.regex(await answer(['select,execute:public.*'], `select ${call}`), /TOPSECRET/);
  });
}

test.serial('system_user is the name of a table or a column', async (t) => {
  const columns = ['select:public.customers(id,full_name)'];
  t.is(await answer(columns, 'select system_user from customers as "system_user"'), '42501');
  t.is(
    await answer(columns, `select 1 from customers "system_user" where system_user::text ~ 'TOP'`),
    '42501',
  );
  t.regex(await answer(columns, 'select full_name from customers as "system_user"'), /Ann/);
  t.regex(
    await answer(['select:public.*'], 'select system_user from customers as "system_user"'),
    /TOPSECRET/,
  );
});

test.serial('what an older server has under these names is called as before', async (t) => {
  t.is(await answer(['select:public.*'], `select json '1' as j`), '[{"j":1}]');
  t.is(
    await answer(['select:public.*'], 'select json_agg(full_name) from customers'),
    '[{"json_agg":["Ann"]}]',
  );
});

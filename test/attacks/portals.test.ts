/** A portal runs by other ways than Execute, ends without Close, and its name may come to stand for another. */
import test, { type ExecutionContext } from 'ava';
import { startPostern } from '../helpers/postern.ts';
import { errorText, RawClient } from '../helpers/raw-client.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';

/** As long as a name can be. */
const LONG = 's'.repeat(63);

const postern = await startPostern();
await postern.postgres.query(`
  create role other;
  create sequence public.open;
  create table public.orders as select 'open' as v from generate_series(1, 2);
  create schema hidden;
  create sequence hidden.closed;
  create table hidden.orders as select 'secret' as v;
  create schema ${LONG};
  create table ${LONG}.orders as select 'secret' as v;
  create function public.known(int) returns int immutable language sql as 'select $1';
  create function hidden.known(int) returns int immutable language plpgsql as
    $$ begin perform nextval('hidden.closed'); return $1; end $$;
`);
test.after.always(() => postern.stop());

const ALLOW = ['select:public.*', 'insert:public.orders', 'update:public.open', 'execute:public.known'];

/** Each write in turn; resolves with what came: rows as their text, errors as SQLSTATE and message. */
async function answers(...writes: readonly (readonly string[])[]): Promise<readonly string[]> {
  const client = await RawClient.connect(postern.port);
  await client.login(await postern.grant({ allow: ALLOW }));
  const seen: string[] = [];
  for (const lines of writes) {
    client.send(...lines.map((line) => encodeLine(parseLine(line))));
    for (const line of lines) {
      if (!/^(Sync|Query)/.test(line)) continue;
      for (const answer of await client.receiveUntil('Z')) {
        if (answer.type === 'D') seen.push(answer.body.toString('utf8', 6));
        if (answer.type === 'E') seen.push(errorText(answer));
      }
    }
  }
  client.destroy();
  return seen;
}

async function untouched(t: ExecutionContext): Promise<void> {
  const [row] = await postern.postgres.query('select is_called from hidden.closed');
  t.is(row?.is_called, false);
}

const BEGIN = ['Query begin'];
const ONE_PARAMETER = 'Parse b "select nextval($1)"';

for (const word of ['fetch', 'move']) {
  const run = [`Query "${word} all from p"`];

  test(`${word} of a portal: what its parameters decide counts`, async (t) => {
    const [error] = await answers(BEGIN, [ONE_PARAMETER, 'Bind p b hidden.closed', 'Sync'], run);
    t.regex(error!, /^42501 permission denied by grant: update on hidden\.closed/);
    await untouched(t);
    const set = 'Parse b "select set_config($1, $2, false)"';
    const [pinned] = await answers(BEGIN, [set, 'Bind p b role other', 'Sync'], run);
    t.regex(pinned!, /^42501 refused under any grant: setting role/);
  });

  test(`${word} of a portal: one that changes what names mean is not run`, async (t) => {
    const set = `Parse b "select set_config('search_path', 'hidden', false)"`;
    const [error] = await answers(BEGIN, [set, 'Bind p b', 'Sync'], run);
    t.regex(error!, /^0A000 FETCH or MOVE from portal "p"/);
  });

  test(`${word} of a portal: by way of an EXECUTE, or of another ${word}`, async (t) => {
    const prepare = [`Query "prepare q as select set_config('search_path', 'hidden', false)"`];
    const [executed] = await answers(BEGIN, prepare, ['Parse b "execute q"', 'Bind p b', 'Sync'], run);
    t.regex(executed!, /^0A000 FETCH or MOVE from portal "p"/);
    const anew = `deallocate q; prepare q as select set_config('search_path', 'hidden', false)`;
    const [inOneText] = await answers(
      BEGIN,
      ['Query "prepare q as select 1"'],
      ['Parse b "execute q"', 'Bind p b', 'Sync'],
      [`Query "${anew}; ${word} all from p"`],
    );
    t.regex(inOneText!, /^0A000 FETCH or MOVE from portal "p"/);
    const inner = [`Parse b "select set_config('search_path', 'hidden', false)"`, 'Bind p b'];
    const outer = [`Parse c "${word} all from p"`, 'Bind o c'];
    const [nested] = await answers(BEGIN, [...inner, ...outer, 'Sync'], [`Query "${word} all from o"`]);
    t.regex(nested!, /^0A000 FETCH or MOVE from portal "o"/);
    const [extended] = await answers(BEGIN, [...inner, ...outer, 'Execute o', 'Sync']);
    t.regex(extended!, /^0A000 FETCH or MOVE from portal "p"/);
  });
}

test('fetch of a portal that only reads', async (t) => {
  const bound = ['Parse b "select v from orders"', 'Bind p b', 'Sync'];
  t.deepEqual(await answers(BEGIN, bound, ['Query "fetch 1 from p"'], ['Execute p', 'Sync']), [
    'open',
    'open',
  ]);
});

test('a Bind makes a plan, which runs what can be known beforehand', async (t) => {
  const [one, denied, again] = await answers(
    ['Parse k "select known(1)"', 'Sync'],
    ['Bind "" k', 'Execute ""', 'Sync'],
    ['Query "set search_path = hidden"'],
    ['Bind "" k', 'Sync'],
    ['Bind "" k', 'Execute ""', 'Sync'],
  );
  t.is(one, '1');
  t.regex(denied!, /^42501 permission denied by grant: execute on hidden\.known/);
  t.is(again, denied);
  await untouched(t);
});

test('a name that is bound anew means the new portal', async (t) => {
  const open = 'Bind p b public.open';
  const closed = 'Bind p b hidden.closed';
  const denied = /^42501 permission denied by grant: update on hidden\.closed/;
  const savepoint = ['Query "savepoint x"'];
  const undone = ['Query "rollback to x"'];
  const again = [
    [closed, 'Sync'],
    ['Execute p', 'Sync'],
  ];
  const byClose = await answers(BEGIN, [ONE_PARAMETER, open, 'Sync'], ['Query "close p"'], ...again);
  t.regex(byClose[0]!, denied);
  const bySavepoint = await answers(
    BEGIN,
    [ONE_PARAMETER, 'Sync'],
    savepoint,
    [open, 'Sync'],
    undone,
    ...again,
  );
  t.regex(bySavepoint[0]!, denied);
  const commit = ['Parse c commit', 'Bind "" c', 'Execute ""'];
  const [byCommit] = await answers(BEGIN, [ONE_PARAMETER, open, ...commit, closed, 'Execute p', 'Sync']);
  t.regex(byCommit!, denied);
  await untouched(t);
});

test('a portal that could not be bound anew stays what it was', async (t) => {
  const bound = ['Parse b "select v from orders"', 'Parse o "select 1"', 'Bind p b', 'Sync'];
  const seen = await answers(
    BEGIN,
    bound,
    ['Query "savepoint x"'],
    ['Bind p o', 'Sync'],
    ['Query "rollback to x"'],
    ['Query "fetch 1 from p"'],
  );
  t.deepEqual(seen, ['42P03 cursor "p" already exists', 'open']);
});

test('search_path: a name that the server cuts off is not understood', async (t) => {
  const path = [`Query "set search_path = '${LONG}s', public"`];
  const [error] = await answers(path, ['Query "select * from orders"']);
  t.regex(error!, /^42501 permission denied by grant: select on /);
});

import { createHash } from 'node:crypto';
import test from 'ava';
import { emptyPage, HabitBook } from '../../../access/habit-book.ts';
import { type HabitMark, markFrom } from '../../../access/habit-filter.ts';
import { Novelty } from '../../../server/risk/novelty.ts';
import { noveltyOf } from '../../../server/risk/statement-novelty.ts';
import { thingsIn } from '../../../server/risk/statement-things.ts';
import { TouchedClasses } from '../../../server/risk/touched-classes.ts';

const markOf = (thing: string): HabitMark => markFrom(createHash('sha256').update(thing).digest());

const THINGS = {
  form: 'statement x',
  details: [
    'select public.orders',
    'select public.payments',
    'execute public.total()',
    'column public.orders.id',
  ],
};

/** A database with sessions on so many days, where these things were used. */
function noveltyAfter(days: number, used: readonly string[]): Novelty {
  const book = new HabitBook({ kind: 'database', name: 'shop', database: 'shop' });
  const counts = Object.fromEntries(Array.from({ length: days }, (_, day) => [`day:2026-01-0${day + 1}`, 1]));
  book.turnTo({ ...emptyPage(), counts }, emptyPage());
  book.note(used.map(markOf));
  return new Novelty([book]);
}

test('what nobody has used is counted by kind, once there are habits', (t) => {
  const after = (days: number, used: readonly string[]) =>
    noveltyOf(THINGS, noveltyAfter(days, used), markOf);
  t.deepEqual(after(6, []), { relations: 2, functions: 1, columns: 1 });
  t.deepEqual(after(6, ['select public.orders', 'column public.orders.id']), {
    relations: 1,
    functions: 1,
    columns: 0,
  });
  t.deepEqual(after(6, THINGS.details), { relations: 0, functions: 0, columns: 0 });
  t.is(after(2, []), null, 'in the first days all is new, and none of it is strange');
});

test('classes of data are told by relations and columns, as the policy that decides now has them', (t) => {
  let policy = new Map([
    ['personal', ['public.customers', 'hr.*', 'public.orders(ship_to)']],
    ['money', ['public.pay*']],
  ]);
  const classes = new TouchedClasses(() => policy);
  const of = (...details: readonly string[]) => classes.of(thingsIn('select 1', details));
  t.deepEqual(of('select public.customers'), ['personal']);
  t.deepEqual(of('delete hr.Staff', 'execute public.total()'), ['personal']);
  t.deepEqual(of('select public.orders', 'column orders.id'), []);
  t.deepEqual(of('select public.orders', 'column orders.id', 'column public.orders.ship_to'), ['personal']);
  t.deepEqual(of('select public.orders', 'column payments.ship_to'), [], 'another relation has that column');
  t.deepEqual(of('export public.payments', 'select hr.staff'), ['personal', 'money']);
  t.deepEqual(of('admin role', 'select pg_catalog.pg_class'), []);
  const things = thingsIn('select 2', ['select public.payments']);
  t.deepEqual(classes.of(things), ['money']);
  policy = new Map([['secret', ['public.payments']]]);
  t.deepEqual(classes.of(things), ['secret']);
  policy = new Map();
  t.is(classes.of(things), null, 'nobody can tell');
});

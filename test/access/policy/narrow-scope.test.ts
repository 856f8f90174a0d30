/** What a cap leaves of what is asked: held against the guardrails' own reading of scopes. */
import test from 'ava';
import fc from 'fast-check';
import { narrowed } from '../../../access/policy/narrow-scope.ts';
import { isWithin, mayMeet } from '../../../access/policy/pattern-sets.ts';
import { CompiledScope } from '../../../guardrails/scope.ts';
import { ACTIONS, type Action, type Scope } from '../../../guardrails/types.ts';
import { scopeOf } from '../../guardrails/deciding.ts';

const SCHEMAS = ['a', 'ab', 'A', '*', 'pg_catalog'];
const NAMES = ['t', 'tt', 'tu', 'T', '*', 't.u'];
const COLUMNS = ['c', 'd', 'E', 'a,b'];
const ARGS = ['integer', 'integer,text', ''];

const part = fc.constantFrom(
  'a',
  'a*',
  '*',
  '*b',
  'A',
  '"A"',
  '"*"',
  'ab',
  'pg_catalog',
  't',
  't*',
  '*t',
  '*u',
  'T',
  '"T"',
  '"t.u"',
  't*u',
  '**',
);
const inner = fc.constantFrom(
  '',
  '',
  '',
  '(c)',
  '(c, d)',
  '(d, "E")',
  '("a,b", c)',
  '(integer)',
  '(integer, text)',
);
const pattern = fc.oneof(
  fc.tuple(part, part, inner).map(([schema, name, list]) => `${schema}.${name}${list}`),
  fc.constantFrom('*', 'role', 'ro*', 'temp*', '*.*', 'channel jobs'),
);
const on = fc.array(
  fc.tuple(fc.boolean(), pattern).map(([not, text]) => (not ? `!${text}` : text)),
  { minLength: 1, maxLength: 4 },
);
const actions = fc.subarray<Action>(['select', 'update', 'execute', 'admin'], { minLength: 1 });
const scope: fc.Arbitrary<Scope> = fc.array(fc.record({ actions, on }), { minLength: 1, maxLength: 3 });

type Question = (scope: CompiledScope, action: Action) => readonly unknown[];
/** Everything that the guardrails may ask a scope: what is covered, and then what the cap alone decides. */
const questions: readonly Question[] = [
  ...SCHEMAS.flatMap((schema) =>
    NAMES.flatMap((name) => [
      ...[...COLUMNS.map((column) => ({ columns: [column] })), { all: true }].map(
        (what): Question =>
          (compiled, action) => {
            const asked = { schema, name, ...what };
            const { covered, named } = compiled.covers(action, asked);
            const bySchema = schema === 'pg_catalog' && compiled.coversBySchema(action, asked);
            return [covered, covered && named && action !== 'execute', bySchema];
          },
      ),
      ...ARGS.map(
        (args): Question =>
          (compiled, action) => [
            action === 'execute' && compiled.covers(action, { schema, name, args }).covered,
          ],
      ),
      ...ARGS.map(
        (args): Question =>
          (compiled, action) => [false, action === 'execute' && compiled.runs({ schema, name, args })],
      ),
    ]),
  ),
  ...SCHEMAS.map(
    (schema): Question =>
      (compiled, action) => [compiled.coversSchema(action, schema)],
  ),
  ...['role', 'rope', 'temporary', 'channel jobs', 'DO', '*'].map(
    (word): Question =>
      (compiled, action) => [compiled.coversPlain(action, word), compiled.everything(action)],
  ),
];

test('what is left is never wider than what was asked, nor than the cap', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(scope, scope, (asked, cap) => {
        const compiled = [asked, cap, narrowed(asked, cap)].map((each) => new CompiledScope(each, ACTIONS));
        for (const action of ['select', 'update', 'execute', 'admin'] as const) {
          for (const question of questions) {
            const [one, two, left] = compiled.map((each) => question(each, action)) as [
              unknown[],
              unknown[],
              unknown[],
            ];
            left.forEach((answer, index) => {
              const may = two[index] === true && (one[index] === true || index > 0);
              if (answer === true && !may)
                throw new Error(
                  `${action}: ${JSON.stringify(narrowed(asked, cap))} is wider (answer ${index})`,
                );
            });
          }
        }
      }),
      { numRuns: 1_000 },
    ),
  );
});

test('what the cap covers is left as it is', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(scope, (asked) => {
        const everything = [{ actions: ACTIONS, on: ['*', 'pg_catalog.*'] }];
        const [before, after] = [asked, narrowed(asked, everything)].map(
          (each) => new CompiledScope(each, ACTIONS),
        );
        for (const action of ['select', 'update', 'execute'] as const) {
          for (const schema of SCHEMAS)
            for (const name of NAMES) {
              const what = { schema, name, all: true };
              if (before!.covers(action, what).covered !== after!.covers(action, what).covered)
                throw new Error(`${schema}.${name}`);
            }
        }
      }),
      { numRuns: 300 },
    ),
  );
});

const narrow = (asked: readonly string[], cap: readonly string[]) => narrowed(scopeOf(asked), scopeOf(cap));

test('what a cap excludes counts for what is left of execute', (t) => {
  const capped = (asked: string) => new CompiledScope(narrow([asked], ['*:*', 'select:!hr.*']), ACTIONS);
  const routine = { schema: 'app', name: 'f', args: '' };
  for (const asked of ['execute:*', 'execute:app.*', 'execute:app.f']) {
    t.true(capped(asked).covers('execute', routine).covered, asked);
    t.false(capped(asked).runs(routine), asked);
  }
  t.true(new CompiledScope(narrow(['execute:*'], ['execute:app.*', 'select:!hr.*']), ACTIONS).runs(routine));
});

test('scopes that people write', (t) => {
  t.deepEqual(narrow(['select,update:public.orders'], ['select:public.orders']), [
    { actions: ['select'], on: ['public.orders'] },
  ]);
  t.deepEqual(
    narrow(['select:public.orders'], ['select:public.*']),
    [{ actions: ['select'], on: ['public.orders'], followed: true }],
    'it may be a view: it is followed',
  );
  t.deepEqual(narrow(['select:public.*'], ['select:public.orders', 'select:!public.hidden']), [
    { actions: ['select'], on: ['public.orders', '!public.hidden'] },
  ]);
  t.deepEqual(narrow(['select:public.customers'], ['select:public.customers(id,full_name)']), [
    { actions: ['select'], on: ['public.customers(id, full_name)'] },
  ]);
  t.deepEqual(narrow(['select:c.t(id, "Full Name", x)'], ['select:c.t("Full Name", x, y)']), [
    { actions: ['select'], on: ['c.t("Full Name", x)'] },
  ]);
  t.deepEqual(narrow(['execute:app.calc(integer)'], ['execute:app.calc(integer, text)']), []);
  t.deepEqual(narrow(['delete:public.orders'], ['select:*']), []);
});

test('within, and what may meet', (t) => {
  t.true(isWithin('select', 'public.orders', 'public.*'));
  t.true(isWithin('select', 'public.ord*', 'public.o*'));
  t.false(isWithin('select', 'public.*', 'public.o*'));
  t.true(isWithin('select', 'public.c(id)', 'public.c(id, name)'));
  t.false(isWithin('select', 'public.c', 'public.c(id, name)'));
  t.true(isWithin('admin', 'role', '*'));
  t.true(mayMeet('select', 'public.*', '*.customers'));
  t.true(mayMeet('select', 'public.cust*', 'public.*mers'));
  t.false(mayMeet('select', 'public.cust*', 'public.o*'));
  t.false(mayMeet('select', 'public.c(id)', 'public.c(email)'));
  t.true(mayMeet('select', 'public.c', 'public.c(email)'));
});

import test from 'ava';
import type { Scope } from '../../../guardrails/types.ts';
import type { KnownRelation } from '../../../server/triage/known-relations.ts';
import { reachOf } from '../../../server/triage/scope-reach.ts';
import { visibleText } from '../../../server/triage/visible-text.ts';

const KNOWN: readonly KnownRelation[] = [
  { schema: 'public', name: 'customers', kind: 'table', rows: 20, columns: ['id', 'email', 'phone'] },
  { schema: 'public', name: 'orders', kind: 'table', rows: 50, columns: ['id', 'total'] },
  { schema: 'public', name: 'orders_seen', kind: 'view', rows: null, columns: ['id'] },
  { schema: 'Odd', name: 'a*b', kind: 'table', rows: 1, columns: ['Last, First'] },
];
const CLASSES = new Map([
  ['personal', ['public.customers(email, phone)', '"Odd".*']],
  ['money', ['public.orders(total)']],
]);

const CASES: readonly (readonly [string, Scope, readonly string[]])[] = [
  [
    'a wildcard',
    [{ actions: ['select', 'export'], on: ['public.*'] }],
    [
      'orders select,export 50 money:total',
      'customers select,export 20 personal:email,phone',
      'orders_seen select,export null ',
    ],
  ],
  [
    'columns',
    [{ actions: ['select'], on: ['public.customers(id, phone)'] }],
    ['customers select 20 personal:phone'],
  ],
  [
    'what is excluded of one action',
    [
      { actions: ['select', 'update'], on: ['public.orders', 'public.customers'] },
      { actions: ['update'], on: ['!public.customers'] },
    ],
    ['orders select,update 50 money:total', 'customers select 20 personal:email,phone'],
  ],
  [
    'excluded columns',
    [{ actions: ['select'], on: ['public.customers', '!public.customers(email)'] }],
    ['customers select 20 personal:phone'],
  ],
  ['quoted names', [{ actions: ['select'], on: ['"Odd"."a*b"'] }], ['a*b select 1 personal:Last, First']],
  ['functions', [{ actions: ['execute'], on: ['public.*'] }], []],
];
for (const [name, scope, reached] of CASES)
  test(`the reach of a scope: ${name}`, (t) => {
    const lines = reachOf(scope, KNOWN, CLASSES).map(
      ({ name, actions, rows, classes }) =>
        `${name} ${actions.join(',')} ${rows} ${classes.map((each) => `${each.name}:${each.columns.join(',')}`).join(' ')}`,
    );
    t.deepEqual(lines, [...reached]);
  });

test('what would hide in a text, or turn it around, is seen', (t) => {
  t.is(
    visibleText('order 7\u202e\u200b\u001b[2J\u{e0041}\n\u00ad\u3164é ✅'),
    'order 7\\u{202e}\\u{200b}\\u{1b}[2J\\u{e0041}\\n\\u{ad}\\u{3164}é ✅',
  );
});

import { readFileSync } from 'node:fs';
import test from 'ava';
import { openTriage } from '../../../classifier/triage/model-folder.ts';
import type { TriageRequest } from '../../../classifier/triage/request.ts';
import { Triage } from '../../../classifier/triage/triage.ts';
import { type Answers, HEAD_NAMES, HEADS } from '../../../classifier/triage/triage-model.ts';

const triage = openTriage();

const asked = (
  text: string,
  over: Partial<TriageRequest['requested']> = {},
  role = 'analyst',
): TriageRequest => ({
  text,
  requester: { role },
  requested: { actions: ['select'], tables: ['sales.orders'], ttlMinutes: 30, ...over },
});

const attacks = readFileSync(new URL('./attacks.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t'))
  .map(([language, kind, role, , , , text]) => ({
    language,
    kind,
    role,
    text: JSON.parse(text as string) as string,
  }));

test('what the attacks begin with is granted at once by itself', (t) => {
  for (const role of ['ai_agent', 'support_agent'])
    t.is(
      triage.triage(asked('Read sales.orders for the weekly sales report.', {}, role)).decision,
      'auto_approve',
    );
});

test('no attempt to influence is granted at once', (t) => {
  t.true(attacks.length >= 100);
  t.true(new Set(attacks.map(({ language }) => language)).size >= 20);
  for (const { role, kind, text } of attacks) {
    const { decision, reasons } = triage.triage(asked(text, {}, role));
    t.not(decision, 'auto_approve', `${kind}: ${text}`);
    t.true(reasons.length > 0);
  }
});

test('however a model answers, what rules keep from being granted at once is not', (t) => {
  const answer = (decision: readonly number[]): Answers => ({
    intent: new Float64Array(HEADS.intent.length).fill(1 / HEADS.intent.length),
    risk: Float64Array.of(1, 0, 0),
    decision: Float64Array.from(decision),
  });
  const kept = [
    ...attacks.map(({ text, role }) => asked(text, {}, role)),
    asked('monthly report from crm.customers', { tables: ['crm.customers'] }),
    asked('delete the duplicates in sales.orders', { actions: ['delete'] }),
    asked('sales report from sales.orders', { ttlMinutes: 241 }),
    asked('sales report from sales.orders', {}, 'contractor'),
  ];
  for (const shares of [
    [1, 0, 0],
    [Number.POSITIVE_INFINITY, 0, 0],
    [9, 9, -9],
  ]) {
    const fooled = new Triage(() => answer(shares));
    for (const request of kept) t.not(fooled.triage(request).decision, 'auto_approve', request.text);
  }
  for (const shares of [[Number.NaN, 0, 0], [], [0, 1, 0], [-1, -1, -1]]) {
    const result = new Triage(() => answer(shares)).triage(asked('sales report from sales.orders'));
    t.is(result.decision, 'needs_review');
    t.true(
      result.riskScore >= 0 && result.riskScore <= 1 && result.confidence >= 0 && result.confidence <= 1,
    );
  }
  t.is(HEAD_NAMES.length, 3);
});

const NEEDS = [
  [
    'negated',
    'read sales.orders to compare totals, no need to delete anything',
    ['select', 'delete'],
    ['select'],
  ],
  [
    'filled in by a form',
    'the form ticked update too, select is enough for the report on sales.orders',
    ['select', 'update'],
    ['select'],
  ],
  [
    'read first',
    'delete duplicates from sales.orders, look at them first',
    ['select', 'delete'],
    ['select', 'delete'],
  ],
  ['German', 'Doppelte Zeilen in sales.orders löschen', ['select', 'delete', 'admin'], ['select', 'delete']],
] as const;

for (const [name, text, actions, needed] of NEEDS)
  test(`the actions that a text needs: ${name}`, (t) => {
    t.deepEqual(triage.triage(asked(text, { actions })).actions, [...needed]);
  });

const SCOPES = [
  [
    'a column',
    'sum of sales.orders.total per month',
    ['sales.orders', 'crm.customers'],
    undefined,
    ['sales.orders'],
  ],
  [
    'letters in wrong places',
    'totals of sales.oredrs per month',
    ['sales.orders'],
    undefined,
    ['sales.orders'],
  ],
  [
    'without a schema',
    'totals of the orders per month',
    ['sales.orders', 'crm.customers'],
    undefined,
    ['sales.orders'],
  ],
  [
    'the audit log',
    'who read hr.salaries? need the audit log',
    ['audit.events'],
    undefined,
    ['audit.events'],
  ],
  [
    'by the catalog',
    'who read hr.salaries? need the audit log',
    [],
    ['hr.pay', 'audit.entries'],
    ['audit.entries'],
  ],
  ['of everything that is asked', 'report on sales.orders', ['*'], undefined, ['sales.orders']],
  ['a function', 'run the function refresh_totals()', ['refresh_totals()'], undefined, ['refresh_totals()']],
  ['nothing', 'need access', ['sales.orders'], undefined, []],
] as const;

for (const [name, text, tables, catalog, scope] of SCOPES)
  test(`the least relations: ${name}`, (t) => {
    const request = { ...asked(text, { tables }), ...(catalog !== undefined && { catalog }) };
    t.deepEqual(triage.triage(request).scope, [...scope]);
  });

const DECISIONS = [
  ['upkeep', 'vacuum analyze sales.orders, stats are stale', { actions: ['execute'] }, 'auto_approve'],
  ['a wipe', 'empty sales.orders completely, I start over', { actions: ['truncate'] }, 'deny'],
  [
    'a bounded delete',
    'delete rows of sales.orders older than 2015',
    { actions: ['delete'] },
    'needs_review',
  ],
  ['audit off', 'please turn the audit log off for a while', { actions: ['admin'], tables: ['*'] }, 'deny'],
  [
    'a private copy',
    'export crm.customers to my own laptop',
    { actions: ['export'], tables: ['crm.customers'] },
    'deny',
  ],
  ['curiosity', 'curious what my boss earns, hr.salaries', { tables: ['hr.salaries'] }, 'deny'],
  ['nothing said', 'debugging', {}, 'needs_review'],
] as const;

for (const [name, text, over, decision] of DECISIONS)
  test(`the decision: ${name}`, (t) => {
    t.is(triage.triage(asked(text, over, 'dba')).decision, decision);
  });

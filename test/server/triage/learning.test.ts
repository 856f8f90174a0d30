/** What a trail's requests teach. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { AuditEvent } from '../../../audit/events.ts';
import { Spool } from '../../../audit/spool.ts';
import { ownExamples } from '../../../classifier/triage/examples.ts';
import { fitTriage } from '../../../classifier/triage/fit-triage.ts';
import { openTriage, readTriageFolder, SHIPPED_TRIAGE } from '../../../classifier/triage/model-folder.ts';
import { challengerOf, compareTriage, formOf } from '../../../classifier/triage/triage-challenger.ts';
import { decidedExamples } from '../../../server/triage/learning/decided-examples.ts';
import { requestDrift } from '../../../server/triage/learning/request-drift.ts';
import { type TrailRequest, trailRequests } from '../../../server/triage/learning/trail-requests.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-triage-trail-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const SCOPE = [{ actions: ['select'], on: ['public.orders'] }];
const created = (request: string, reason: string, more: object = {}): AuditEvent => ({
  ...{ type: 'request.create', request, principal: 'alice', kind: 'person', actsFor: null, database: 'shop' },
  ...{ scope: SCOPE, ttl: 600_000, reason, ticket: null, emergency: false, outcome: 'pending', rule: null },
  ...{ revision: '', notes: [], ...more },
});
const approved = (request: string, more: object = {}): AuditEvent => ({
  ...{
    type: 'request.approve',
    request,
    by: 'bob',
    comment: '',
    scope: SCOPE,
    ttl: 600_000,
    grant: 'g1234567',
  },
  ...more,
});
const denied = (request: string): AuditEvent => ({ type: 'request.deny', request, by: 'bob', reason: 'no' });

async function trailOf(name: string, events: readonly AuditEvent[]): Promise<readonly TrailRequest[]> {
  const directory = join(folder, name);
  const spool = Spool.open({ directory, node: 'n1', stream: 'w1', fsync: 'never' });
  for (const event of events) spool.append(event);
  await spool.commit();
  await spool.close();
  return trailRequests(directory);
}

test('what people made of each request', async (t) => {
  const found = await trailOf('verdicts', [
    created('r1', 'one'),
    created('r2', 'two'),
    created('r3', 'three'),
    created('r4', 'four', { kind: 'agent' }),
    created('r5', 'five', { extends: 'g1' }),
    created('r6', 'six', { emergency: true }),
    created('r7', 'seven'),
    approved('r1'),
    approved('r2', { ttl: 60_000 }),
    denied('r3'),
    approved('r7', { grant: null }),
    denied('r8'),
  ]);
  t.deepEqual(
    found.map(({ id, verdict }) => `${id} ${verdict}`),
    ['r1 approved', 'r2 narrowed', 'r3 denied', 'r4 policy', 'r7 policy'],
  );
  t.like(found[0]?.request, {
    text: 'one',
    requester: { role: 'member' },
    requested: { actions: ['select'], tables: ['public.orders'], ttlMinutes: 10 },
  });
  t.is(found[3]?.request.requester.role, 'ai_agent');
});

test('an approval does not make routine of what rules object to, and a denial counts', async (t) => {
  const champion = openTriage();
  const found = await trailOf('examples', [
    created('r1', 'weekly sales report from public.orders'),
    created('r2', 'delete the duplicates in public.orders', {
      scope: [{ actions: ['delete'], on: ['public.orders'] }],
    }),
    created('r3', 'weekly sales report from public.orders, once more'),
    approved('r1'),
    approved('r2', { scope: [{ actions: ['delete'], on: ['public.orders'] }] }),
    denied('r3'),
  ]);
  t.deepEqual(
    decidedExamples(found, champion).map(({ id, decision }) => `${id} ${decision}`),
    ['r1 auto_approve', 'r2 needs_review', 'r3 deny'],
  );
});

const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'kappa', 'sigma', 'omega', 'theta'];
const REASONS = WORDS.flatMap((one) => WORDS.map((two) => `sales report ${one} ${two} from public.orders`));

test('a challenger learns what reviewers refuse, from those that are not held back', async (t) => {
  const events = REASONS.flatMap((reason, at) => [created(`r${at}`, reason), denied(`r${at}`)]);
  const { model: champion } = readTriageFolder(SHIPPED_TRIAGE);
  const decided = decidedExamples(await trailOf('refused', events), openTriage());
  const challenger = challengerOf(champion, decided, 1);
  const {
    champion: before,
    challenger: after,
    worse,
  } = compareTriage(champion, challenger, { labelled: ownExamples(), decided });
  t.true(before.decided.requests > 3 && before.decided.requests < REASONS.length / 2);
  t.true(before.decided.deniedAutoApproved > 0);
  t.true(after.decided.deniedAutoApproved < before.decided.deniedAutoApproved);
  t.false(worse.some((sentence) => /granted at once/.test(sentence)));
  t.throws(() => challengerOf(champion, [], 1), { instanceOf: RangeError });
});

test('a challenger that grants what was refused is worse', (t) => {
  const { model: champion } = readTriageFolder(SHIPPED_TRIAGE);
  const careless = fitTriage(
    ownExamples().map((example) => ({ ...example, decision: 'auto_approve' })),
    { seed: 1, rounds: 3 },
  );
  const refused = ownExamples()
    .filter(({ decision }) => decision === 'auto_approve')
    .map((example) => ({ ...example, decision: 'deny' as const }));
  const { worse } = compareTriage(careless, champion, { labelled: ownExamples(), decided: [] });
  t.deepEqual(worse, []);
  t.true(
    compareTriage(champion, careless, { labelled: [...ownExamples(), ...refused], decided: [] }).worse
      .length > 0,
  );
});

test('one wording with other names and numbers is one form', (t) => {
  t.is(formOf('Order 4312: totals of sales.orders'), formOf('order 99: totals  of crm.customers_2'));
  t.not(formOf('delete order 1'), formOf('read order 1'));
});

test('drift: other texts than before, and refusals of what triage would grant', (t) => {
  const at = (time: number, text: string, verdict: TrailRequest['verdict'] = 'policy'): TrailRequest => ({
    ...{ id: text, at: time, verdict },
    request: {
      text,
      requester: { role: 'member' },
      requested: { actions: ['select'], tables: ['public.orders'], ttlMinutes: 10 },
    },
  });
  const many = (time: number, text: string) =>
    Array.from({ length: 200 }, (_, index) => at(time, `${text} ${index}`));
  const before = many(1, 'sales report from public.orders');
  const steady = requestDrift([...before, ...many(2, 'sales report from public.orders')], openTriage(), 2);
  t.like(steady, { requests: 200, before: 200, act: false, decided: 0 });
  const moved = requestDrift(
    [...before, ...many(2, 'Verkaufszahlen löschen wir aus public.orders')],
    openTriage(),
    2,
  );
  t.true(moved.act);
  t.true((moved.drifts?.[0]?.index ?? 0) > 0.25);
  const refused = requestDrift([at(2, 'weekly sales report from public.orders', 'denied')], openTriage(), 2);
  t.like(refused, { tooLenient: 1, drifts: null, act: true, decided: 1 });
});

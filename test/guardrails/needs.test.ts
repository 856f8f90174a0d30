/** Every statement kind of the grammar: what it needs, and that it is denied without any part of that. */
import test from 'ava';
import { parseSync } from 'libpg-query';
import { HANDLERS } from '../../guardrails/extract/handlers.ts';
import { ACTIONS } from '../../guardrails/types.ts';
import { verdictOn } from './deciding.ts';
import { NEEDS } from './needs-table.ts';

/** A grant that allows nothing of what the table asks for. */
const NOTHING = 'select:nowhere.*';

for (const [sql, ...needs] of NEEDS) {
  test(`${sql} needs ${needs.join(', ') || 'nothing'}`, (t) => {
    const { effect, error, reasons } = verdictOn(sql, [NOTHING, ...needs]);
    t.is(effect, 'allow', error?.detail);
    t.is(error, null);
    t.true(reasons.every(({ allowed }) => allowed));
    for (const missing of needs) {
      const without = verdictOn(sql, [NOTHING, ...needs.filter((need) => need !== missing)]);
      t.is(without.effect, 'deny', `without ${missing}`);
      t.is(without.error?.sqlstate, '42501');
      const [action = '', ...resource] = missing.split(':');
      const named = resource.join(':') === '*' ? '*' : resource.join(':');
      t.true(
        without.error?.message.includes(`${action} on ${named}`),
        `${missing}: ${without.error?.message}`,
      );
    }
  });
}

test('a grant of everything allows the whole table', (t) => {
  for (const [sql] of NEEDS) t.is(verdictOn(sql, ['*:*']).effect, 'allow', sql);
});

test('a grant of one action on everything does not give the others', (t) => {
  for (const action of ACTIONS)
    for (const [sql, ...needs] of NEEDS) {
      const suffices = needs.every((need) => need.startsWith(`${action}:`) && !need.includes('pg_catalog'));
      if (needs.length > 0 && !suffices && !needs.every((need) => need.startsWith(`${action}:`)))
        t.is(verdictOn(sql, [`${action}:*`]).effect, 'deny', `${action}:* ${sql}`);
    }
});

/** Kinds that only occur inside of others' bodies, or never in a parse tree. */
const INNER = new Set([
  'RawStmt',
  'SetOperationStmt',
  'ReturnStmt',
  'PLAssignStmt',
  'ReplicaIdentityStmt',
  'CreateSchemaStmt',
]);

test('the table has every statement kind', (t) => {
  const seen = new Set<string>();
  const note = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      seen.add(key);
      note(part);
    }
  };
  for (const [sql] of NEEDS) note(parseSync(sql));
  const missing = Object.keys(HANDLERS).filter(
    (kind) => kind.endsWith('Stmt') && !seen.has(kind) && !INNER.has(kind),
  );
  t.deepEqual(missing, []);
});

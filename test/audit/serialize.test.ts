import test from 'ava';
import fc from 'fast-check';
import { genesis, seal } from '../../audit/chain.ts';
import type { AuditEvent } from '../../audit/events.ts';
import { encodeText } from '../../audit/masked.ts';
import { serialize } from '../../audit/serialize.ts';

const word = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('pst_'));
const count = fc.nat();
const nullable = fc.option(word, { nil: null });
/** Few sessions and many fields: what is kept of one must not stand for another. */
const ref = fc.record({
  session: fc.constantFrom('s1', 's2', '__proto__'),
  grant: word,
  principal: word,
  database: word,
  client: word,
});
const needs = fc.array(fc.record({ action: word, resource: word }), { maxLength: 3 });
const shared = [{ action: 'select', resource: 'public.t' }];

const statement = fc
  .record({
    ref,
    statement: count,
    via: fc.constantFrom('query', 'parse', 'execute'),
    decision: fc.constantFrom('allow', 'observe', 'deny', 'hold'),
    sql: word,
    tags: fc.array(word, { maxLength: 2 }),
    needs: fc.oneof(needs, fc.constant(shared)),
    reasons: fc.array(word, { maxLength: 2 }),
    sqlstate: nullable,
    inFull: fc.option(count, { nil: undefined }),
    parameters: fc.option(fc.array(nullable), { nil: undefined }),
    risk: fc.option(fc.double({ noNaN: true, min: 0, max: 1 }), { nil: undefined }),
    sessionRisk: fc.option(fc.double({ noNaN: true, min: 0, max: 1 }), { nil: undefined }),
  })
  .map(({ ref: session, ...fields }) => ({ type: 'statement', ...session, ...fields }));
const end = fc
  .record({
    ref,
    statement: count,
    rows: count,
    bytes: count,
    durationMs: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    tag: nullable,
    sqlstate: nullable,
    cut: fc.constantFrom(null, 'rows', 'bytes'),
  })
  .map(({ ref: session, ...fields }) => ({ type: 'statement.end', ...session, ...fields }));

test('what is put together from pieces is what JSON.stringify makes', (t) => {
  fc.assert(
    fc.property(fc.oneof(statement, end), (event) => {
      for (let again = 0; again < 2; again++) {
        t.deepEqual(JSON.parse(`{${serialize(event as AuditEvent)}}`), JSON.parse(JSON.stringify(event)));
      }
    }),
    { numRuns: 1000 },
  );
});

test('a text that was encoded before makes the same event, sealed as well', (t) => {
  const start = genesis('n1', 'w1');
  const texts = fc.string({ unit: 'binary' }).map((text) => `${text} pst_${'0'.repeat(28)} ${text}`);
  fc.assert(
    fc.property(statement, texts, (event, sql) => {
      const plain = { ...event, sql } as AuditEvent;
      const encoded = { ...event, sql, sqlJson: encodeText(sql) } as AuditEvent;
      const [one, other] = [plain, encoded].map((each) => seal(start, serialize(each)));
      const { prev, seq, hash, ...fields } = JSON.parse(other!.line);
      t.is(hash, other!.head.hash);
      t.false(other!.line.includes('pst_0'));
      const expected = JSON.parse(one!.line);
      t.deepEqual({ ...fields, prev, seq, hash: one!.head.hash }, expected);
    }),
  );
});

import test from 'ava';
import fc from 'fast-check';
import { Batch } from '../../audit/batch.ts';
import { ByteWriter } from '../../audit/byte-writer.ts';
import { genesis } from '../../audit/chain.ts';
import type { AuditEvent } from '../../audit/events.ts';
import { encodeText } from '../../audit/masked.ts';
import { fieldsOf, sealed } from './lines.ts';

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
        t.deepEqual(JSON.parse(`{${fieldsOf(event as AuditEvent)}}`), JSON.parse(JSON.stringify(event)));
      }
    }),
    { numRuns: 1000 },
  );
});

test('texts that share what is said of them keep their own words, whichever came before', (t) => {
  const text = fc.record({ sql: fc.constantFrom('a', 'b', 'c'), encoded: fc.boolean(), tags: fc.nat(1) });
  fc.assert(
    fc.property(statement, fc.array(text, { maxLength: 12 }), (event, row) => {
      const said = { needs: [...shared], tags: [['SELECT'], ['VALUES']] };
      for (const { sql, encoded, tags } of row) {
        const one = { ...event, sql, needs: said.needs, tags: said.tags[tags] };
        const sqlJson = encoded ? encodeText(sql) : undefined;
        const told = fieldsOf({ ...one, sqlJson } as unknown as AuditEvent);
        t.deepEqual(JSON.parse(`{${told}}`), JSON.parse(JSON.stringify(one)));
      }
    }),
  );
});

test('a text that was encoded before makes the same event, sealed as well', (t) => {
  const texts = fc.string({ unit: 'binary' }).map((text) => `${text} pst_${'0'.repeat(28)} ${text}`);
  fc.assert(
    fc.property(statement, texts, (event, sql) => {
      const plain = { ...event, sql } as AuditEvent;
      const encoded = { ...event, sql, sqlJson: encodeText(sql) } as AuditEvent;
      t.deepEqual(JSON.parse(`{${fieldsOf(encoded)}}`), JSON.parse(`{${fieldsOf(plain)}}`));
      t.false(fieldsOf(encoded).includes('pst_0'));
    }),
  );
});

test('a batch has the lines that the manual describes, whatever was drafted and discarded between', (t) => {
  const place = '"at":"2026-11-23T00:00:00.000Z","node":"n1",';
  const drafts = fc.array(fc.record({ event: fc.oneof(statement, end), kept: fc.boolean() }), {
    maxLength: 5,
  });
  const large = { type: 'node.start', version: 'x'.repeat(200_000), pid: 1 } as unknown as AuditEvent;
  fc.assert(
    fc.property(drafts, fc.boolean(), (events, grows) => {
      let head = genesis('n1', 'w1');
      const batch = new Batch(head);
      for (let again = 0; again < 2; again++) {
        let expected = '';
        for (const { event, kept } of [...events, ...(grows ? [{ event: large, kept: true }] : [])]) {
          batch.draft(event as AuditEvent, Buffer.from(place));
          if (!kept) batch.discardDraft();
          else {
            batch.seal();
            const { line, head: next } = sealed(head, place + fieldsOf(event as AuditEvent));
            expected += `${line}\n`;
            head = next;
          }
        }
        t.is(batch.bytes.toString(), expected);
        batch.clear();
      }
    }),
    { numRuns: 200 },
  );
});

const odd = [
  0,
  7,
  10,
  1_000_000,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 - 1,
  -1,
  0.5,
  1e21,
  1e-7,
  1.005,
  12.34,
  999.999,
];
const numbers = fc.oneof(
  fc.constantFrom(...odd),
  fc.nat(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
test('numbers are spelled as JSON has them', (t) => {
  fc.assert(
    fc.property(numbers, fc.nat(10_000_000), (number, micros) => {
      const line = new ByteWriter();
      line.number(number);
      line.ascii(' ');
      line.thousandths(number);
      line.ascii(' ');
      line.thousandths(micros / 1000);
      const spelled = JSON.stringify(number);
      t.is(line.view(0, line.length).toString(), `${spelled} ${spelled} ${JSON.stringify(micros / 1000)}`);
    }),
    { numRuns: 2000 },
  );
});

test('no event can set its own place in the chain, nor be one that nobody knows', (t) => {
  const stop = { type: 'node.stop', reason: 'signal' };
  for (const member of ['prev', 'seq', 'at', 'node', 'hash'])
    t.throws(() => fieldsOf({ ...stop, [member]: 'x' } as unknown as AuditEvent), { message: /cannot set/ });
  t.throws(() => fieldsOf({ ...stop, type: 'unheard' } as unknown as AuditEvent), {
    message: /not an audit event/,
  });
});

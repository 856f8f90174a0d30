import test from 'ava';
import { decidingValues } from '../../proxy/deciding-values.ts';
import { unexamined } from '../../proxy/unexamined.ts';
import { decodeBind } from '../../proxy/wire/frontend-messages.ts';

interface Bound {
  readonly deciding?: readonly number[];
  readonly types?: readonly number[];
  readonly formats?: readonly number[];
  readonly values: readonly (string | Buffer | null)[];
}

function uint16(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [index, number] of numbers.entries()) bytes.writeUInt16BE(number, index * 2);
  return bytes;
}

function length(value: Buffer | null): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value === null ? -1 : value.length);
  return bytes;
}

function decided({
  deciding,
  types,
  formats = [],
  values,
}: Bound): Readonly<Record<number, string>> | undefined {
  const parts = values.map((value) => (value === null ? null : Buffer.from(value as string)));
  const body = Buffer.concat([
    Buffer.from('\0\0'),
    ...[uint16(formats.length, ...formats), uint16(values.length)],
    ...parts.flatMap((part) => [length(part), part ?? Buffer.alloc(0)]),
    uint16(0),
  ]);
  const verdict = unexamined('');
  const effects = { ...verdict.effects, ...(deciding && { deciding }) };
  const statement = { text: '', verdict: { ...verdict, effects }, recorded: null, ...(types && { types }) };
  const found = decidingValues(body, decodeBind(body), statement);
  return found && Object.fromEntries(found);
}

test('only those that decide are taken, by their number', (t) => {
  t.is(decided({ values: ['a'] }), undefined);
  t.deepEqual(decided({ deciding: [2], values: ['a', 'b', 'c'] }), { 2: 'b' });
  t.deepEqual(decided({ deciding: [1, 3], values: ['ä', 'b', ''] }), { 1: 'ä', 3: '' });
  t.deepEqual(decided({ deciding: [4], values: ['a'] }), {});
  t.deepEqual(decided({ deciding: [1], values: [null] }), {}, 'NULL is no value');
});

test('types that take a text as it is written', (t) => {
  for (const type of [0, 25, 705, 1043, 2205])
    t.deepEqual(decided({ deciding: [1], types: [type], values: ['role_'] }), { 1: 'role_' }, `${type}`);
  // "char", name, int8, oid, bpchar, a domain
  for (const type of [18, 19, 20, 26, 1042, 16_500])
    t.deepEqual(decided({ deciding: [1], types: [type], values: ['role_'] }), {}, `${type}`);
  t.deepEqual(
    decided({ deciding: [2], types: [18], values: ['a', 'b'] }),
    { 2: 'b' },
    'Parse may give fewer types',
  );
});

test('in binary form, what may be an OID is not taken for a name', (t) => {
  const role = Buffer.from('role');
  t.deepEqual(decided({ deciding: [1], formats: [1], types: [25], values: [role] }), { 1: 'role' });
  t.deepEqual(decided({ deciding: [1], formats: [1], types: [2205], values: [role] }), {});
  t.deepEqual(decided({ deciding: [1], formats: [1], values: [role] }), {});
  t.deepEqual(decided({ deciding: [1], formats: [1], values: ['work_mem'] }), { 1: 'work_mem' });
  t.deepEqual(decided({ deciding: [2], formats: [1, 0], values: [role, role] }), { 2: 'role' });
  t.deepEqual(decided({ deciding: [2], formats: [0, 1], values: [role, role] }), {});
});

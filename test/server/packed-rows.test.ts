import test from 'ava';
import { keyOfText, PackedRows, type RowBatch } from '../../server/packed-rows.ts';

interface Row {
  readonly oid: number;
  readonly note: string;
}

const batch = (...oids: readonly number[]): RowBatch => ({
  rows: JSON.stringify(oids.map((oid) => ({ oid, note: `größer ${oid}` }))),
  least: Math.min(...oids),
  greatest: Math.max(...oids),
});
const oids = (rows: Iterable<Row>): readonly number[] => [...rows].map(({ oid }) => oid);

function packed(): PackedRows<Row> {
  const rows = new PackedRows<Row>('oid');
  rows.add([batch(-7, 1, 3), batch(3)]);
  rows.add([batch(3, 5), batch(9, 12)]);
  rows.add([]);
  return rows;
}

test('rows are found by their key, in as many batches as they are', (t) => {
  const rows = packed();
  t.deepEqual(oids(rows.of(-7)), [-7]);
  t.deepEqual(oids(rows.of(3)), [3, 3, 3]);
  t.deepEqual(rows.of(12), [{ oid: 12, note: 'größer 12' }]);
  for (const missing of [-8, 2, 4, 7, 10, 13]) t.deepEqual(rows.of(missing), [], `${missing}`);
  t.deepEqual(oids(rows), [-7, 1, 3, 3, 3, 5, 9, 12]);
});

test('no rows at all', (t) => {
  const rows = new PackedRows<Row>('oid');
  t.deepEqual(rows.of(1), []);
  t.deepEqual([...rows], []);
});

test('texts that share a number are told apart', (t) => {
  const rows = new PackedRows<{ readonly name: string }>('name');
  const number = keyOfText('one');
  rows.add([{ rows: '[{"name":"other"},{"name":"one"}]', least: number, greatest: number }]);
  t.deepEqual(rows.of('one'), [{ name: 'one' }]);
});

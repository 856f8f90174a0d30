import test from 'ava';
import fc from 'fast-check';
import { type BackendHandler, BackendStream, type Disposition } from '../../proxy/backend-stream.ts';

function message(type: string, size: number): Buffer {
  const bytes = Buffer.alloc(5 + size, type);
  bytes.writeUInt32BE(4 + size, 1);
  return bytes;
}

class Recording implements BackendHandler {
  rowsFree = 0;
  bytesFree = Number.POSITIVE_INFINITY;
  readonly emitted: Buffer[] = [];
  readonly seen: string[] = [];
  readonly #decide: (kind: string, bytes: number) => Disposition;

  constructor(decide: (kind: string, bytes: number) => Disposition = () => 'forward') {
    this.#decide = decide;
  }

  passed(rows: number, bytes: number): void {
    this.rowsFree -= rows;
    this.bytesFree -= bytes;
    this.seen.push(`${rows} rows of ${bytes}`);
  }

  row(bytes: number): Disposition {
    return this.#note('row', bytes);
  }

  message(type: number, _buffer: Buffer, start: number, end: number): Disposition {
    return this.#note(String.fromCharCode(type), 5 + end - start);
  }

  emit(bytes: Buffer): void {
    this.emitted.push(Buffer.from(bytes));
  }

  get output(): string {
    return Buffer.concat(this.emitted).toString('latin1');
  }

  #note(kind: string, bytes: number): Disposition {
    const disposition = this.#decide(kind, bytes);
    if (disposition !== 'stop') this.seen.push(`${kind}${bytes}`);
    return disposition;
  }
}

const messages = fc.array(fc.tuple(fc.constantFrom('D', 'd', 'C', 'Z', 'T'), fc.nat({ max: 60 })), {
  maxLength: 12,
});

function feed(stream: BackendStream, bytes: Buffer, cuts: readonly number[]): void {
  let start = 0;
  for (const cut of [...cuts.map((each) => each % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    if (cut > start) stream.receive(bytes.subarray(start, cut));
    start = cut;
  }
}

test('everything is passed on as it came, however it is split', (t) => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), (list, cuts) => {
      const bytes = Buffer.concat(list.map(([type, size]) => message(type, size)));
      const handler = new Recording();
      const stream = new BackendStream(handler, 1000);
      feed(stream, bytes, cuts);
      t.is(handler.output, bytes.toString('latin1'));
      t.deepEqual(
        handler.seen,
        list.map(([type, size]) => `${type === 'D' || type === 'd' ? 'row' : type}${5 + size}`),
      );
      t.true(stream.atBoundary);
    }),
  );
});

test('rows that are free are counted and not asked about, and never more of them', (t) => {
  const limits = fc.oneof(fc.nat({ max: 300 }), fc.constant(Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), limits, limits, (list, cuts, rows, size) => {
      const bytes = Buffer.concat(list.map(([type, length]) => message(type, length)));
      const handler = new Recording();
      handler.rowsFree = rows;
      handler.bytesFree = size;
      feed(new BackendStream(handler, 1000), bytes, cuts);
      t.is(handler.output, bytes.toString('latin1'));
      t.true(handler.rowsFree >= 0 && handler.bytesFree >= 0);
      const all = list.filter(([type]) => type === 'D' || type === 'd');
      const asked = handler.seen.flatMap((seen) => /^row(\d+)$/.exec(seen)?.slice(1).map(Number) ?? []);
      const passed = handler.seen.flatMap((seen) => {
        const found = /^(\d+) rows of (\d+)$/.exec(seen);
        return found === null ? [] : [found.slice(1).map(Number)];
      });
      t.is(asked.length + sum(passed.map(([count]) => count!)), all.length);
      t.is(sum(asked) + sum(passed.map(([, length]) => length!)), sum(all.map(([, length]) => 5 + length)));
    }),
  );
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

test('rows left out, and messages replaced, in any split', (t) => {
  const replacement = Buffer.from('!');
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), (list, cuts) => {
      const bytes = Buffer.concat(list.map(([type, size]) => message(type, size)));
      const handler = new Recording((kind, size) => {
        if (kind === 'row') return size % 2 === 0 ? 'drop' : 'forward';
        return kind === 'C' ? replacement : 'forward';
      });
      feed(new BackendStream(handler, 1000), bytes, cuts);
      const expected = list.map(([type, size]) => {
        if (type === 'C') return replacement;
        const leftOut = (type === 'D' || type === 'd') && (5 + size) % 2 === 0;
        return leftOut ? Buffer.alloc(0) : message(type, size);
      });
      t.is(handler.output, Buffer.concat(expected).toString('latin1'));
    }),
  );
});

test('after a stop nothing is handled or lost until it is resumed', (t) => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), (list, cuts) => {
      const bytes = Buffer.concat(list.map(([type, size]) => message(type, size)));
      let open = false;
      const handler = new Recording(() => (open ? 'forward' : 'stop'));
      const stream = new BackendStream(handler, 1000);
      feed(stream, bytes, cuts);
      t.is(handler.output, '');
      open = true;
      if (bytes.length > 0) stream.resume();
      t.is(handler.output, bytes.toString('latin1'));
    }),
  );
});

test('a row of any size is passed on as it comes and not kept', (t) => {
  const handler = new Recording();
  const stream = new BackendStream(handler, 1000);
  const header = Buffer.from([0x44, 0x3f, 0xff, 0xff, 0xff]);
  stream.receive(header);
  t.is(handler.output, header.toString('latin1'));
  t.false(stream.atBoundary);
  stream.receive(Buffer.alloc(100_000));
  t.is(handler.emitted.length, 2);
  t.is(handler.emitted[1]?.length, 100_000);
});

for (const [name, length] of [
  ['longer than any may be', 1001],
  ['of less than its own length', 3],
  ['of a negative length', -1],
] as const) {
  test(`a message ${name} is an error`, (t) => {
    const bytes = Buffer.from([0x45, 0, 0, 0, 0]);
    bytes.writeInt32BE(length, 1);
    t.throws(() => new BackendStream(new Recording(), 1000).receive(bytes), { instanceOf: RangeError });
  });
}

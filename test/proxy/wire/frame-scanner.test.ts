import test from 'ava';
import fc from 'fast-check';
import { frameLimit } from '../../../proxy/wire/frame-limits.ts';
import { FrameScanner } from '../../../proxy/wire/frame-scanner.ts';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';

const MAX = 10_000;
const scanner = (): FrameScanner => new FrameScanner(frameLimit(MAX));

function frame(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(type);
  bytes.writeUInt32BE(4 + body.length, 1);
  bytes.set(body, 5);
  return bytes;
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => Buffer.from(bytes.subarray(start, places[i] ?? bytes.length)));
}

test('frames come out as they went in, however the bytes are split', (t) => {
  const frames = fc.array(
    fc.record({ type: fc.constantFrom('Q', 'P', 'B', 'd'), body: fc.uint8Array({ maxLength: 300 }) }),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(({ type, body }) => frame(type, body)));
      const scan = scanner();
      const got: { type: string; body: Uint8Array }[] = [];
      for (const chunk of split(bytes, cuts)) {
        scan.push(chunk);
        while (scan.next())
          got.push({ type: String.fromCharCode(scan.type), body: new Uint8Array(scan.body()) });
      }
      t.deepEqual(
        got,
        sent.map(({ type, body }) => ({ type, body: new Uint8Array(body) })),
      );
    }),
  );
});

test('any bytes, in any split, give frames or a ProtocolError', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 10 }), (bytes, cuts) => {
      const scan = scanner();
      let consumed = 0;
      try {
        for (const chunk of split(Buffer.from(bytes), cuts)) {
          scan.push(chunk);
          while (scan.next()) consumed += scan.end - scan.start;
        }
      } catch (fault) {
        if (!(fault instanceof ProtocolError)) throw fault;
      }
      t.true(consumed <= bytes.length);
    }),
  );
});

test('a frame that is not whole is not seen, and an announced length is not trusted', (t) => {
  const scan = scanner();
  scan.push(Buffer.from('Q\0\0\0'));
  t.false(scan.next());
  scan.push(Buffer.from([9, 0x61]));
  t.false(scan.next());
  scan.push(Buffer.from([0x62, 0x63, 0x64, 0]));
  t.true(scan.next());
  t.is(scan.body().toString(), 'abcd\0');
  t.false(scan.next());
});

for (const [name, bytes, sqlstate] of [
  ['an unknown type', [0x7a, 0, 0, 0, 4], '08P01'],
  ['a length below its own size', [0x51, 0, 0, 0, 3], '08P01'],
  ['a length over the limit', [0x51, 0x7f, 0xff, 0xff, 0xff], '54000'],
  ['a length that would be negative', [0x51, 0xff, 0xff, 0xff, 0xff], '54000'],
  ['a Sync with a body', [0x53, 0, 0, 0, 5], '54000'],
] as const) {
  test(`${name} is refused from the header alone`, (t) => {
    const scan = scanner();
    scan.push(Buffer.from(bytes));
    t.like(
      t.throws(() => scan.next(), { instanceOf: ProtocolError }),
      { sqlstate },
    );
  });
}

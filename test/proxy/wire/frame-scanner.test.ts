import test from 'ava';
import fc from 'fast-check';
import { frameLimit } from '../../../proxy/wire/frame-limits.ts';
import { FrameScanner } from '../../../proxy/wire/frame-scanner.ts';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { frame, int32, join } from './bytes.ts';

const LIMIT = 1000;
const MIB = 1024 * 1024;

interface Found {
  readonly type: number;
  readonly body: string;
}

/** All frames in these chunks; the last item is the error that ended them, if one did. */
function scan(chunks: readonly Buffer[]): readonly (Found | string)[] {
  const scanner = new FrameScanner(frameLimit(LIMIT));
  const found: (Found | string)[] = [];
  try {
    for (const chunk of chunks) {
      scanner.push(chunk);
      while (scanner.next()) found.push({ type: scanner.type, body: scanner.body().toString('latin1') });
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    found.push(error.message);
  }
  return found;
}

/** `bytes` cut at these places. */
function split(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => Buffer.from(bytes.subarray(cuts[index], end)));
}

const places = fc.array(fc.nat(), { maxLength: 12 });
const messages = fc.array(
  fc.record({ type: fc.constantFrom('Q', 'P', 'B', 'd'), body: fc.uint8Array({ maxLength: 60 }) }),
  { maxLength: 8 },
);

test('finds the same frames, however their bytes are split', (t) => {
  fc.assert(
    fc.property(messages, places, (written, where) => {
      const bytes = join(...written.map(({ type, body }) => frame(type, body)));
      const expected = written.map(({ type, body }) => ({
        type: type.charCodeAt(0),
        body: Buffer.from(body).toString('latin1'),
      }));
      t.deepEqual(scan(split(bytes, where)), expected);
    }),
    { numRuns: 1000 },
  );
});

test('any bytes, however split, come to the same frames and the same error', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .tuple(messages, fc.uint8Array({ maxLength: 12 }))
      .map(([written, rest]) => join(...written.map(({ type, body }) => frame(type, body)), rest)),
  );
  fc.assert(
    fc.property(bytes, places, (input, where) => {
      const whole = Buffer.from(input);
      t.deepEqual(scan(split(whole, where)), scan([whole]));
    }),
    { numRuns: 1000 },
  );
});

test('takes a message of the largest length, and refuses the next from its header alone', (t) => {
  t.is(scan([frame('Q', Buffer.alloc(LIMIT - 4))]).length, 1);
  t.regex(String(scan([join(Buffer.from('Q'), int32(LIMIT + 1))])[0]), /over the limit/);
});

const refused: readonly (readonly [string, Buffer, RegExp])[] = [
  ['a length of 0', join(Buffer.from('Q'), int32(0)), /invalid message length 0/],
  ['a length of 3', join(Buffer.from('Q'), int32(3)), /invalid message length 3/],
  ['a negative length', join(Buffer.from('Q'), int32(-1)), /over the limit|invalid message length/],
  [
    'a type that only servers send',
    frame('Z', Buffer.from('I')),
    /unknown message type|invalid frontend message type/,
  ],
  ['a Sync with a body', frame('S', Buffer.alloc(1)), /limit|length/],
  ['a Describe as long as a statement', frame('D', Buffer.alloc(20_000)), /over the limit/],
];

for (const [name, bytes, message] of refused) {
  test(`refuses ${name}`, (t) => {
    const found = scan([bytes]);
    t.is(found.length, 1);
    t.regex(String(found[0]), message);
  });
}

test('a frame inside one chunk is a view of it', (t) => {
  const chunk = frame('Q', Buffer.alloc(100));
  const scanner = new FrameScanner(frameLimit(LIMIT));
  scanner.push(chunk);
  t.true(scanner.next());
  t.is(scanner.body().buffer, chunk.buffer);
});

test('a client that dribbles costs little more than its bytes', (t) => {
  const scanner = new FrameScanner(frameLimit(2 ** 22));
  const bytes = frame('B', Buffer.alloc(2 ** 20, 1));
  const before = process.memoryUsage();
  for (const byte of bytes.subarray(0, -1)) {
    scanner.push(Buffer.from([byte]));
    scanner.next();
  }
  const after = process.memoryUsage();
  t.true(after.heapUsed + after.external - before.heapUsed - before.external < 100 * 2 ** 20);
  scanner.push(bytes.subarray(-1));
  t.true(scanner.next());
  t.is(scanner.body().compare(bytes.subarray(5)), 0);
});

test('a long frame is the same, however it is split, and so is what follows it', (t) => {
  const scanner = new FrameScanner(frameLimit(16 * MIB));
  const long = Buffer.alloc(MIB, 'long');
  const bytes = join(frame('Q', Buffer.from('a')), frame('d', long), frame('Q', Buffer.from('b')));
  for (const size of [1_000, 65_536, 200_000, 262_144, MIB - 1, bytes.length]) {
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      scanner.push(Buffer.from(bytes.subarray(at, at + size)));
      while (scanner.next()) found.push(scanner.body().equals(long) ? 'long' : scanner.body().toString());
    }
    t.deepEqual(found, ['a', 'long', 'b'], `${size}`);
  }
});

test('to announce a long frame costs little memory', (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const scanners = Array.from({ length: 100 }, () => new FrameScanner(frameLimit(16 * MIB)));
  for (const scanner of scanners) {
    scanner.push(join(Buffer.from('Q'), int32(16 * MIB), Buffer.from('select')));
    t.false(scanner.next());
  }
  t.true(process.memoryUsage().arrayBuffers - before < 64 * MIB);
});

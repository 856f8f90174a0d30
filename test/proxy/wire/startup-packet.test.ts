import test from 'ava';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { readStartupPacket } from '../../../proxy/wire/startup-packet.ts';
import { cstring, int16, int32, join, packet } from './bytes.ts';

const NUL = Buffer.alloc(1);
const startup = (minor: number, ...texts: readonly string[]) =>
  packet(int16(3, minor), cstring(...texts), NUL);
const cancel = (key: Uint8Array) => packet(int32(80877102, 4711), key);

const read: readonly (readonly [string, Buffer, object])[] = [
  ['nothing', Buffer.alloc(0), { kind: 'incomplete' }],
  ['half a length', Buffer.from([0, 0]), { kind: 'incomplete' }],
  ['all but the last byte', startup(0, 'user', 'g').subarray(0, -1), { kind: 'incomplete' }],
  ['SSLRequest', packet(int32(80877103)), { kind: 'ssl', length: 8 }],
  ['GSSENCRequest', packet(int32(80877104)), { kind: 'gssenc', length: 8 }],
  ['SSLRequest and more', join(packet(int32(80877103)), NUL), { kind: 'ssl', length: 8 }],
  ['a TLS record', Buffer.from([0x16]), { kind: 'direct-tls', length: 0 }],
  [
    'CancelRequest',
    cancel(Buffer.from([1, 2, 3, 4])),
    { kind: 'cancel', length: 16, processId: 4711, secretKey: new Uint8Array([1, 2, 3, 4]) },
  ],
  [
    'CancelRequest with the longest key',
    cancel(Buffer.alloc(256, 7)),
    { kind: 'cancel', length: 268, processId: 4711, secretKey: new Uint8Array(256).fill(7) },
  ],
  [
    'protocol 3.0',
    startup(0, 'user', 'g7k2m9qd', 'database', 'shop'),
    {
      kind: 'startup',
      length: 37,
      major: 3,
      minor: 0,
      parameters: new Map([
        ['user', 'g7k2m9qd'],
        ['database', 'shop'],
      ]),
      unsupportedOptions: [],
    },
  ],
  [
    'protocol 3.9999 with options of the protocol',
    startup(9999, 'user', 'é', '_pq_.sideways', 'on', 'application_name', ''),
    {
      kind: 'startup',
      length: 52,
      major: 3,
      minor: 9999,
      parameters: new Map([
        ['user', 'é'],
        ['application_name', ''],
      ]),
      unsupportedOptions: ['_pq_.sideways'],
    },
  ],
  [
    'a parameter named as a property of objects',
    startup(0, '__proto__', 'x'),
    {
      kind: 'startup',
      length: 21,
      major: 3,
      minor: 0,
      parameters: new Map([['__proto__', 'x']]),
      unsupportedOptions: [],
    },
  ],
];

for (const [name, bytes, expected] of read) {
  test(`reads ${name}`, (t) => {
    t.deepEqual(readStartupPacket(bytes) as object, expected);
  });
}

const refused: readonly (readonly [string, Buffer, string, RegExp])[] = [
  ['a length of 0', int32(0), '08P01', /length of startup/],
  ['a length of 7', int32(7), '08P01', /length of startup/],
  ['a negative length', int32(-1), '08P01', /length of startup/],
  ['a length past the cap, before its bytes come', int32(10_005), '08P01', /length of startup/],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), '08P01', /length of startup/],
  ['SSLRequest with a body', packet(int32(80877103), NUL), '08P01', /message format/],
  ['CancelRequest without a key', cancel(Buffer.alloc(0)), '08P01', /cancel request/],
  ['CancelRequest with a key of 3 bytes', cancel(Buffer.alloc(3)), '08P01', /cancel request/],
  ['CancelRequest with a key of 257 bytes', cancel(Buffer.alloc(257)), '08P01', /cancel request/],
  ['CancelRequest without a process ID', packet(int32(80877102)), '08P01', /insufficient data/],
  ['protocol 2.0', packet(int16(2, 0), Buffer.alloc(288)), '0A000', /2\.0: server supports 3\.0 to 3\.2/],
  ['an unknown request code', packet(int32(80877105)), '0A000', /unsupported frontend protocol 1234/],
  ['no terminator', packet(int16(3, 0), cstring('user', 'g')), '08P01', /invalid string/],
  ['a name without a value', packet(int16(3, 0), cstring('user')), '08P01', /invalid string/],
  ['text without its NUL', packet(int16(3, 0), Buffer.from('user')), '08P01', /invalid string/],
  ['bytes after the terminator', packet(int16(3, 0), NUL, cstring('user', 'g')), '08P01', /message format/],
  ['a parameter twice', startup(0, 'user', 'a', 'user', 'b'), '08P01', /duplicate parameter "user"/],
  [
    'a parameter twice in two spellings',
    startup(0, 'datestyle', 'a', 'DateStyle', 'b'),
    '08P01',
    /duplicate/,
  ],
  [
    'bytes that are not UTF-8',
    packet(int16(3, 0), cstring('user'), Buffer.from([0xff, 0, 0])),
    '22021',
    /UTF8/,
  ],
];

for (const [name, bytes, sqlstate, message] of refused) {
  test(`refuses ${name}`, (t) => {
    const error = t.throws(() => readStartupPacket(bytes), { instanceOf: ProtocolError, message });
    t.is(error?.sqlstate, sqlstate);
  });
}

test('takes the longest packet, and not one byte more', (t) => {
  const value = 'x'.repeat(10_000 - 4 - 'user\0'.length - 2);
  t.is(readStartupPacket(startup(0, 'user', value)).kind, 'startup');
  t.throws(() => readStartupPacket(startup(0, 'user', `${value}x`)), { instanceOf: ProtocolError });
});

test('keeps no view of the buffer it has read a cancel key from', (t) => {
  const bytes = cancel(Buffer.from([1, 2, 3, 4]));
  const request = readStartupPacket(bytes);
  bytes.fill(0);
  t.deepEqual(request.kind === 'cancel' && [...request.secretKey], [1, 2, 3, 4]);
});

import test from 'ava';
import { serialize } from 'pg-protocol';
import {
  bindParameters,
  decodeBind,
  decodeClose,
  decodeCopyFail,
  decodeDescribe,
  decodeExecute,
  decodeParse,
  decodeQuery,
  decodeSaslInitialResponse,
  decodeSaslResponse,
} from '../../../proxy/wire/frontend-messages.ts';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { cstring, int16, int32, join } from './bytes.ts';

/** The body of a message that a driver has written. */
const body = (message: Buffer): Buffer => message.subarray(5);

test('reads what a driver writes', (t) => {
  t.is(decodeQuery(body(serialize.query('SELECT 1; -- é'))), 'SELECT 1; -- é');
  t.deepEqual(
    decodeParse(body(serialize.parse({ name: 's1', text: 'SELECT $1, $2', types: [23, 4294967295] }))),
    {
      name: 's1',
      text: 'SELECT $1, $2',
      parameterTypes: [23, 4294967295],
    },
  );
  t.deepEqual(decodeDescribe(body(serialize.describe({ type: 'S', name: 's1' }))), {
    target: 'S',
    name: 's1',
  });
  t.deepEqual(decodeDescribe(body(serialize.describe({ type: 'P' }))), { target: 'P', name: '' });
  t.deepEqual(decodeClose(body(serialize.close({ type: 'P', name: 'p1' }))), { target: 'P', name: 'p1' });
  t.deepEqual(decodeExecute(body(serialize.execute({ portal: 'p1', rows: 100 }))), {
    portal: 'p1',
    maxRows: 100,
  });
  t.is(decodeCopyFail(body(serialize.copyFail('no more'))), 'no more');
  t.deepEqual(
    decodeSaslInitialResponse(body(serialize.sendSASLInitialResponseMessage('SCRAM-SHA-256', 'n,,n=,r=x'))),
    {
      mechanism: 'SCRAM-SHA-256',
      data: 'n,,n=,r=x',
    },
  );
  t.is(decodeSaslResponse(body(serialize.sendSCRAMClientFinalMessage('c=biws,r=x,p=y'))), 'c=biws,r=x,p=y');
});

test('reads a Bind and its parameters', (t) => {
  const values = ['text', null, Buffer.from([0, 255]), ''];
  const bytes = body(serialize.bind({ portal: 'p', statement: 's', values, binary: true }));
  const bind = decodeBind(bytes);
  const { parametersOffset, ...rest } = bind;
  t.deepEqual(rest, {
    portal: 'p',
    statement: 's',
    parameterFormats: [0, 0, 1, 0],
    parameterCount: 4,
    resultFormats: [1],
  });
  t.is(parametersOffset, 4 + 2 + 8 + 2);
  t.deepEqual(
    [...bindParameters(bytes, bind)].map((value) => value?.toString('hex') ?? null),
    ['74657874', null, '00ff', ''],
  );
});

test('hands parameters out as views, not as copies', (t) => {
  const bytes = body(serialize.bind({ values: ['x'.repeat(1000)] }));
  const [value] = bindParameters(bytes, decodeBind(bytes));
  t.is(value?.buffer, bytes.buffer);
});

test('leaves counts and codes of formats to PostgreSQL, which has errors of its own for them', (t) => {
  const bytes = join(cstring('', ''), int16(2, 0, 7), int16(1), int32(-1), int16(1, 0xffff));
  t.like(decodeBind(bytes), { parameterFormats: [0, 7], parameterCount: 1, resultFormats: [0xffff] });
});

test('an initial response may be absent, which is not empty', (t) => {
  t.is(decodeSaslInitialResponse(join(cstring('X'), int32(-1))).data, null);
  t.is(decodeSaslInitialResponse(join(cstring('X'), int32(0))).data, '');
});

const bind = (...parts: readonly Buffer[]) => join(cstring('', ''), ...parts);
const refused: readonly (readonly [string, (body: Buffer) => unknown, Buffer, string, RegExp])[] = [
  ['Query without NUL', decodeQuery, Buffer.from('SELECT 1'), '08P01', /invalid string/],
  ['Query of no bytes', decodeQuery, Buffer.alloc(0), '08P01', /invalid string/],
  ['Query with text after its NUL', decodeQuery, cstring('SELECT 1', '; DROP'), '08P01', /message format/],
  ['Query that is not UTF-8', decodeQuery, Buffer.from([0xc0, 0xaf, 0]), '22021', /UTF8/],
  ['Query with a surrogate', decodeQuery, Buffer.from([0xed, 0xa0, 0x80, 0]), '22021', /UTF8/],
  ['Parse without a text', decodeParse, cstring('s'), '08P01', /invalid string/],
  ['Parse without a count', decodeParse, cstring('s', 'SELECT 1'), '08P01', /insufficient/],
  [
    'Parse with fewer types than it says',
    decodeParse,
    join(cstring('', ''), int16(2), int32(23)),
    '08P01',
    /insufficient/,
  ],
  [
    'Parse with more types than it says',
    decodeParse,
    join(cstring('', ''), int16(0), int32(23)),
    '08P01',
    /format/,
  ],
  [
    'Parse that announces 65535 types',
    decodeParse,
    join(cstring('', ''), int16(0xffff)),
    '08P01',
    /insufficient/,
  ],
  ['Bind with a parameter past the end', decodeBind, bind(int16(0, 1), int32(9)), '08P01', /insufficient/],
  [
    'Bind with a parameter of length -2',
    decodeBind,
    bind(int16(0, 1), int32(-2), int16(0)),
    '08P01',
    /insufficient/,
  ],
  [
    'Bind with the least length',
    decodeBind,
    bind(int16(0, 1), int32(-2147483648), int16(0)),
    '08P01',
    /insufficient/,
  ],
  ['Bind with fewer formats than it says', decodeBind, bind(int16(3, 0)), '08P01', /insufficient/],
  ['Bind without result formats', decodeBind, bind(int16(0, 0)), '08P01', /insufficient/],
  ['Bind with bytes left over', decodeBind, bind(int16(0, 0, 0), Buffer.alloc(1)), '08P01', /format/],
  ['Describe of neither kind', decodeDescribe, cstring('Xs'), '08P01', /DESCRIBE message subtype 88/],
  ['Describe of no bytes', decodeDescribe, Buffer.alloc(0), '08P01', /insufficient/],
  ['Close of neither kind', decodeClose, cstring('s'), '08P01', /CLOSE message subtype 115/],
  ['Execute without a row limit', decodeExecute, cstring('p'), '08P01', /insufficient/],
  ['Execute with bytes left over', decodeExecute, join(cstring('p'), int32(0, 0)), '08P01', /format/],
  [
    'an initial response past the end',
    decodeSaslInitialResponse,
    join(cstring('X'), int32(1)),
    '08P01',
    /insufficient/,
  ],
  [
    'an initial response of length -2',
    decodeSaslInitialResponse,
    join(cstring('X'), int32(-2)),
    '08P01',
    /insufficient/,
  ],
  [
    'an initial response and more',
    decodeSaslInitialResponse,
    join(cstring('X'), int32(0, 0)),
    '08P01',
    /format/,
  ],
];

for (const [name, decode, bytes, sqlstate, message] of refused) {
  test(`refuses ${name}`, (t) => {
    const error = t.throws(() => decode(bytes), { instanceOf: ProtocolError, message });
    t.is(error?.sqlstate, sqlstate);
  });
}

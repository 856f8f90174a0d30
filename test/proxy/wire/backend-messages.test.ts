import test from 'ava';
import {
  authenticationOk,
  authenticationSasl,
  authenticationSaslContinue,
  authenticationSaslFinal,
  backendKeyData,
  commandComplete,
  commandTag,
  errorResponse,
  negotiateProtocolVersion,
  noticeResponse,
  parameterStatus,
  readErrorFields,
  readParameterStatus,
  readyForQuery,
} from '../../../proxy/wire/backend-messages.ts';
import { ProtocolError } from '../../../proxy/wire/protocol-error.ts';
import { cstring, frame, int32 } from './bytes.ts';

const NUL = Buffer.alloc(1);
const denial = {
  sqlstate: '42501',
  message: 'permission denied',
  detail: 'delete on public.orders is not granted',
  hint: 'ask for it',
  position: 13,
};

const written: readonly (readonly [string, Buffer, Buffer])[] = [
  ['AuthenticationOk', authenticationOk(), frame('R', int32(0))],
  [
    'AuthenticationSASL',
    authenticationSasl(['A-PLUS', 'A']),
    frame('R', int32(10), cstring('A-PLUS', 'A', '')),
  ],
  [
    'AuthenticationSASLContinue',
    authenticationSaslContinue('r=x'),
    frame('R', int32(11), Buffer.from('r=x')),
  ],
  ['AuthenticationSASLFinal', authenticationSaslFinal('v=x'), frame('R', int32(12), Buffer.from('v=x'))],
  [
    'ErrorResponse',
    errorResponse('ERROR', denial),
    frame(
      'E',
      cstring('SERROR', 'VERROR', 'C42501', 'Mpermission denied', 'Ddelete on public.orders is not granted'),
      cstring('Hask for it', 'P13', ''),
    ),
  ],
  [
    'ErrorResponse with the least fields',
    errorResponse('FATAL', { sqlstate: '28P01', message: 'é', detail: undefined }),
    frame('E', cstring('SFATAL', 'VFATAL', 'C28P01', 'Mé', '')),
  ],
  [
    'NoticeResponse',
    noticeResponse('NOTICE', { sqlstate: '00000', message: 'held for review' }),
    frame('N', cstring('SNOTICE', 'VNOTICE', 'C00000', 'Mheld for review', '')),
  ],
  ['ParameterStatus', parameterStatus('TimeZone', 'UTC'), frame('S', cstring('TimeZone', 'UTC'))],
  ['BackendKeyData', backendKeyData(4711, Buffer.from([1, 2, 3, 4])), frame('K', int32(4711, 0x01020304))],
  [
    'BackendKeyData of 3.2',
    backendKeyData(1, Buffer.alloc(256, 7)),
    frame('K', int32(1), Buffer.alloc(256, 7)),
  ],
  ['ReadyForQuery', readyForQuery('T'), frame('Z', Buffer.from('T'))],
  ['CommandComplete', commandComplete('SELECT 3'), frame('C', cstring('SELECT 3'))],
  ['NegotiateProtocolVersion', negotiateProtocolVersion(9999, []), frame('v', int32(196610, 0))],
  [
    'NegotiateProtocolVersion for options alone',
    negotiateProtocolVersion(0, ['_pq_.a', '_pq_.b']),
    frame('v', int32(196608, 2), cstring('_pq_.a', '_pq_.b')),
  ],
];

for (const [name, bytes, expected] of written) {
  test(`writes ${name}`, (t) => {
    t.is(bytes.toString('latin1'), expected.toString('latin1'));
  });
}

test('text with a NUL can neither end its field nor begin another', (t) => {
  const fields = readErrorFields(
    errorResponse('ERROR', { sqlstate: '42501', message: 'a\0C00000\0\0', detail: '\0' }).subarray(5),
  );
  t.deepEqual(
    [...fields],
    [
      ['S', 'ERROR'],
      ['V', 'ERROR'],
      ['C', '42501'],
      ['M', 'aC00000'],
      ['D', ''],
    ],
  );
  t.deepEqual(readParameterStatus(parameterStatus('a\0b', 'c\0d').subarray(5)), { name: 'ab', value: 'cd' });
  t.is(commandTag(commandComplete('SEL\0ECT').subarray(5)), 'SELECT');
});

test('reads an error whose text is in another encoding', (t) => {
  const body = Buffer.concat([Buffer.from('SFATAL\0Mpas trouv'), Buffer.from([0xe9]), NUL, NUL]);
  t.is(readErrorFields(body).get('M'), 'pas trouv\ufffd');
});

test('keys must have 4 to 256 bytes', (t) => {
  for (const length of [0, 3, 257]) {
    t.throws(() => backendKeyData(1, new Uint8Array(length)), { instanceOf: ProtocolError });
  }
});

const refused: readonly (readonly [string, (body: Buffer) => unknown, Buffer])[] = [
  ['an error without its terminator', readErrorFields, cstring('SERROR')],
  ['an error with bytes after its terminator', readErrorFields, cstring('SERROR', '', 'x')],
  ['a setting without a value', readParameterStatus, cstring('TimeZone')],
  ['a setting and more', readParameterStatus, cstring('TimeZone', 'UTC', 'x')],
];

for (const [name, read, body] of refused) {
  test(`refuses ${name}`, (t) => {
    t.throws(() => read(body), { instanceOf: ProtocolError });
  });
}

import test from 'ava';
import { type Direction, traceFrame, traceStartupPacket } from '../../../proxy/wire/trace.ts';
import { cstring, frame, int16, int32, join, packet } from './bytes.ts';

const S = '<hidden>';
const lines: readonly (readonly [Direction, Buffer, string, string])[] = [
  ['F', frame('Q', cstring('SELECT "é"')), `F\t16\tQuery\t "SELECT \\"é\\""`, `F\t16\tQuery\t ${S}`],
  [
    'F',
    frame('P', cstring('s', 'SELECT 1'), int16(1), int32(23)),
    'F\t21\tParse\t "s" "SELECT 1" 1 23',
    `F\t21\tParse\t "s" ${S} 1 23`,
  ],
  [
    'F',
    frame('B', cstring('p', 's'), int16(1, 1, 2), int32(2), Buffer.from([0x41, 0]), int32(-1), int16(0)),
    `F\t26\tBind\t "p" "s" 1 1 2 2 'A\\x00' -1 0`,
    `F\t26\tBind\t "p" "s" 1 1 2 2 ${S} -1 0`,
  ],
  ['F', frame('D', cstring('Ss')), 'F\t7\tDescribe\t S "s"', 'F\t7\tDescribe\t S "s"'],
  ['F', frame('E', cstring('p'), int32(100)), 'F\t10\tExecute\t "p" 100', 'F\t10\tExecute\t "p" 100'],
  ['F', frame('S'), 'F\t4\tSync', 'F\t4\tSync'],
  ['F', frame('d', Buffer.from('1\t2\n')), "F\t8\tCopyData\t '1\\x092\\x0a'", `F\t8\tCopyData\t ${S}`],
  ['F', frame('f', cstring('why')), 'F\t8\tCopyFail\t "why"', `F\t8\tCopyFail\t ${S}`],
  [
    'F',
    frame('p', cstring('hunter2')),
    'F\t12\tPasswordMessage\t <secret>',
    'F\t12\tPasswordMessage\t <secret>',
  ],
  ['F', frame('y', Buffer.from('?')), "F\t5\tUnknown 0x79\t '?'", `F\t5\tUnknown 0x79\t ${S}`],
  ['B', frame('R', int32(0)), 'B\t8\tAuthentication\t 0', 'B\t8\tAuthentication\t 0'],
  [
    'B',
    frame('R', int32(12), cstring('v=x')),
    'B\t12\tAuthentication\t 12 <secret>',
    'B\t12\tAuthentication\t 12 <secret>',
  ],
  [
    'B',
    frame('K', int32(4711, 0x31313131)),
    'B\t12\tBackendKeyData\t 4711 <secret>',
    'B\t12\tBackendKeyData\t 4711 <secret>',
  ],
  [
    'B',
    frame('S', cstring('TimeZone', 'UTC')),
    'B\t17\tParameterStatus\t "TimeZone" "UTC"',
    'B\t17\tParameterStatus\t "TimeZone" "UTC"',
  ],
  [
    'B',
    frame('D', int16(2), int32(1), Buffer.from("'"), int32(-1)),
    `B\t15\tDataRow\t 2 1 ''' -1`,
    `B\t15\tDataRow\t 2 1 ${S} -1`,
  ],
  [
    'B',
    frame('T', int16(1), cstring('id'), int32(16385), int16(1), int32(23), int16(4), int32(-1), int16(0)),
    'B\t27\tRowDescription\t 1 "id" 16385 1 23 4 -1 0',
    'B\t27\tRowDescription\t 1 "id" 16385 1 23 4 -1 0',
  ],
  [
    'B',
    frame('E', cstring('SERROR', 'C23505', 'MKey (email)=(a@b.c)', 'P7', '')),
    'B\t43\tErrorResponse\t S "ERROR" C "23505" M "Key (email)=(a@b.c)" P "7"',
    `B\t43\tErrorResponse\t S "ERROR" C "23505" M ${S} P "7"`,
  ],
  [
    'B',
    frame('A', int32(7), cstring('jobs', 'data')),
    'B\t18\tNotificationResponse\t 7 "jobs" "data"',
    `B\t18\tNotificationResponse\t 7 "jobs" ${S}`,
  ],
  [
    'B',
    frame('v', int32(196610, 1), cstring('_pq_.a')),
    'B\t19\tNegotiateProtocolVersion\t 196610 1 "_pq_.a"',
    'B\t19\tNegotiateProtocolVersion\t 196610 1 "_pq_.a"',
  ],
  [
    'B',
    frame('G', Buffer.from([0]), int16(1, 0)),
    'B\t9\tCopyInResponse\t 0 1 0',
    'B\t9\tCopyInResponse\t 0 1 0',
  ],
  ['B', frame('Z', Buffer.from('E')), 'B\t5\tReadyForQuery\t E', 'B\t5\tReadyForQuery\t E'],
  [
    'B',
    frame('C', cstring('SELECT 1')),
    'B\t13\tCommandComplete\t "SELECT 1"',
    'B\t13\tCommandComplete\t "SELECT 1"',
  ],
  ['B', frame('1'), 'B\t4\tParseComplete', 'B\t4\tParseComplete'],
];

for (const [direction, message, shown, hidden] of lines) {
  test(`shows ${JSON.stringify(shown)}`, (t) => {
    t.is(traceFrame(direction, message, { contents: true }), shown);
    t.is(traceFrame(direction, message, { contents: false }), hidden);
  });
}

test('shows as much of a malformed message as there is', (t) => {
  t.is(traceFrame('F', frame('E', cstring('p')), { contents: true }), 'F\t6\tExecute\t "p" <malformed>');
  t.is(traceFrame('F', frame('S', Buffer.alloc(1)), { contents: true }), 'F\t5\tSync\t <malformed>');
});

test('a row of as many columns as the protocol has is no trouble', (t) => {
  const row = frame('D', int16(0xffff), Buffer.alloc(4 * 0xffff, 0xff));
  t.is(traceFrame('B', row, { contents: true }).split(' ').length, 1 + 1 + 0xffff);
});

test('shows what comes before the protocol', (t) => {
  t.is(traceStartupPacket(packet(int32(80877103))), 'F\t8\tSSLRequest');
  t.is(traceStartupPacket(packet(int32(80877104))), 'F\t8\tGSSENCRequest');
  t.is(traceStartupPacket(packet(int32(80877102, 4711, 99))), 'F\t16\tCancelRequest\t 4711 <secret>');
  t.is(
    traceStartupPacket(packet(int16(3, 2), cstring('user', 'g', 'database', 'shop'), Buffer.alloc(1))),
    'F\t30\tStartupMessage\t 3 2 "user" "g" "database" "shop"',
  );
  t.is(traceStartupPacket(join(Buffer.from([0x16, 3, 1]))), 'F\t3\tTLS');
  t.is(traceStartupPacket(int16(0)), 'F\t2\tIncomplete');
});

/** Messages of the extended protocol, without types and formats, and what is answered. */
import { errorText, message, type RawMessage } from '../../helpers/raw-client.ts';

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.from([0, 0, 0, value]);

export const parse = (name: string, sql: string): Buffer =>
  message('P', cstring(name), cstring(sql), int16(0));

/** To the unnamed portal. */
export const bind = (name: string, ...values: readonly string[]): Buffer => {
  const texts = values.flatMap((value) => [int32(value.length), Buffer.from(value)]);
  return message('B', cstring(''), cstring(name), int16(0), int16(values.length), ...texts, int16(0));
};

export const describe = (name: string): Buffer => message('D', Buffer.from('S'), cstring(name));
export const EXECUTE = message('E', cstring(''), int32(0));
export const SYNC = message('S');
export const FLUSH = message('H');

/** Types, and errors by what they say; notices left out. */
export const told = (messages: readonly RawMessage[]): readonly string[] =>
  messages.flatMap((each) => (each.type === 'N' ? [] : each.type === 'E' ? errorText(each) : each.type));

import type { PreparedStatement } from './prepared-statements.ts';
import { type BindMessage, bindParameters } from './wire/frontend-messages.ts';

/** Longer values are cut in the trail: it says what was asked, it is no copy of the data. Bytes. */
const MAX_VALUE = 512;
/** Of one Bind, in characters; a Bind can have 65,535 values. */
const MAX_VALUES = 16 * 1024;

const BINARY = 1;
const MASK = '***';

/**
 * Bind values as the trail and reviewers see them: text by its text, binary as `\x` and hexadecimal digits, but for those
 * of the plainest types where Parse has specified them. Those that are secret by the place they stand in are masked.
 */
export function parameterTexts(
  body: Buffer,
  message: BindMessage,
  { types = NONE, verdict }: Pick<PreparedStatement, 'types' | 'verdict'>,
): readonly (string | null)[] {
  if (message.parameterCount === 0) return NONE;
  const { parameterFormats: formats } = message;
  const texts: (string | null)[] = [];
  let length = 0;
  for (const value of bindParameters(body, message)) {
    if (length > MAX_VALUES) {
      texts.push(`... (${message.parameterCount - texts.length} more values)`);
      break;
    }
    const format = formats.length > 1 ? formats[texts.length] : formats[0];
    const secret = verdict.secretParameters?.includes(texts.length + 1) === true && value?.length !== 0;
    const text =
      value === null ? null : secret ? MASK : valueText(value, format === BINARY, types[texts.length]);
    length += (text?.length ?? 0) + 4;
    texts.push(text);
  }
  return texts;
}

const NONE: readonly never[] = Object.freeze([]);

function valueText(value: Buffer, binary: boolean, type: number | undefined): string {
  const shown = value.length > MAX_VALUE ? value.subarray(0, MAX_VALUE) : value;
  const text = binary ? binaryText(shown, type) : shown.toString('utf8');
  return shown === value ? text : `${text}... (${value.length} bytes)`;
}

/** OIDs of bool, int8, int2, int4, text and varchar (pg_type), whose binary forms are as simple as this. */
function binaryText(value: Buffer, type: number | undefined): string {
  const { length } = value;
  if (type === 16 && length === 1) return value[0] === 0 ? 'false' : 'true';
  if (type === 20 && length === 8) return `${value.readBigInt64BE()}`;
  if (type === 21 && length === 2) return `${value.readInt16BE()}`;
  if (type === 23 && length === 4) return `${value.readInt32BE()}`;
  if (type === 25 || type === 1043) return value.toString('utf8');
  return `\\x${value.toString('hex')}`;
}

import { type BindMessage, bindParameters } from './wire/frontend-messages.ts';

/** Longer values are cut in the trail: it says what was asked, it is no copy of the data. Bytes. */
const MAX_VALUE = 512;
/** Of one Bind, in characters; a Bind can have 65,535 values. */
const MAX_VALUES = 16 * 1024;

const BINARY = 1;

/** Bind values as the trail shows them: text by its text, binary as `\x` and hexadecimal digits. */
export function parameterTexts(body: Buffer, message: BindMessage): readonly (string | null)[] {
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
    const text = value === null ? null : valueText(value, format === BINARY);
    length += (text?.length ?? 0) + 4;
    texts.push(text);
  }
  return texts;
}

const NONE: readonly string[] = Object.freeze([]);

function valueText(value: Buffer, binary: boolean): string {
  const shown = value.length > MAX_VALUE ? value.subarray(0, MAX_VALUE) : value;
  const text = binary ? `\\x${shown.toString('hex')}` : shown.toString('utf8');
  return shown === value ? text : `${text}... (${value.length} bytes)`;
}

import type { PreparedStatement } from './prepared-statements.ts';
import { type BindMessage, bindParameters } from './wire/frontend-messages.ts';

const BINARY = 1;
const UNSPECIFIED = 0;
/** OIDs of text, unknown, varchar and regclass (pg_type): types that take a text as it is written. */
const KEEP_TEXT: ReadonlySet<number> = new Set([UNSPECIFIED, 25, 705, 1043, 2205]);
/** Of these, whose binary form is the text. */
const TEXT_IN_BINARY: ReadonlySet<number> = new Set([25, 1043]);
/** A value of unspecified type in this many bytes of binary form may be an OID instead of a name. */
const OID_LENGTH = 4;

/**
 * The values in a Bind of the parameters that decide what the statement does, by number from 1. One that is NULL, or
 * whose type may turn it into another text, is left out: it is then as good as computed.
 */
export function decidingValues(
  body: Buffer,
  message: BindMessage,
  { verdict, types = [] }: PreparedStatement,
): ReadonlyMap<number, string> | undefined {
  const { deciding } = verdict.effects;
  if (deciding === undefined) return undefined;
  const values = new Map<number, string>();
  const { parameterFormats: formats } = message;
  let number = 0;
  for (const value of bindParameters(body, message)) {
    number += 1;
    if (value === null || !deciding.includes(number)) continue;
    const binary = (formats.length > 1 ? formats[number - 1] : formats[0]) === BINARY;
    if (keepsText(types[number - 1] ?? UNSPECIFIED, binary, value.length))
      values.set(number, value.toString('utf8'));
  }
  return values;
}

const keepsText = (type: number, binary: boolean, length: number): boolean => {
  if (!KEEP_TEXT.has(type)) return false;
  return !binary || TEXT_IN_BINARY.has(type) || (type === UNSPECIFIED && length !== OID_LENGTH);
};

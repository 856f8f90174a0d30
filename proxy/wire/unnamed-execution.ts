import { FRONTEND } from './message-types.ts';

const BIND_DESCRIBE_EXECUTE = Buffer.from([
  // Bind: portal '', statement '', no formats, no parameters, no result formats (all text)
  ...[FRONTEND.bind, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0],
  // Describe: portal ''
  ...[FRONTEND.describe, 0, 0, 0, 6, 0x50, 0],
  // Execute: portal '', all rows
  ...[FRONTEND.execute, 0, 0, 0, 9, 0, 0, 0, 0, 0],
]);

/** Parse, Bind, Describe and Execute of one statement without parameters, all unnamed and in text format. */
export function unnamedExecution(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const parse = Buffer.alloc(1 + 4 + 1 + bytes.length + 1 + 2);
  parse[0] = FRONTEND.parse;
  parse.writeUInt32BE(parse.length - 1, 1);
  bytes.copy(parse, 6);
  return Buffer.concat([parse, BIND_DESCRIBE_EXECUTE]);
}

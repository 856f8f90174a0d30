import { BACKEND, HEADER_LENGTH } from './message-types.ts';

const POSITION = 0x50; // P: characters from 1 into the text that was sent

/** An ErrorResponse about a part of a text, with its position moved into the whole text. `body` is its body. */
export function movePosition(body: Buffer, characters: number): Buffer {
  const fields: Buffer[] = [];
  for (let at = 0; body[at] !== 0 && at < body.length; ) {
    const end = body.indexOf(0, at + 1);
    if (end === -1) break;
    const field = body.subarray(at, end + 1);
    fields.push(field[0] === POSITION ? moved(field, characters) : field);
    at = end + 1;
  }
  const content = Buffer.concat([...fields, Buffer.from([0])]);
  const frame = Buffer.alloc(HEADER_LENGTH + content.length);
  frame[0] = BACKEND.error;
  frame.writeUInt32BE(4 + content.length, 1);
  content.copy(frame, HEADER_LENGTH);
  return frame;
}

function moved(field: Buffer, characters: number): Buffer {
  const position = Number(field.toString('latin1', 1, field.length - 1));
  return Buffer.from(`P${position + characters}\0`);
}

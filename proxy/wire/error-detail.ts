const DETAIL = 0x44; // D

/** The body of an ErrorResponse without its DETAIL, which may show rows. */
export function withoutDetail(body: Buffer): Buffer {
  for (let at = 0; body[at] !== 0 && at < body.length; ) {
    const end = body.indexOf(0, at + 1);
    if (end === -1) break;
    if (body[at] === DETAIL) return Buffer.concat([body.subarray(0, at), body.subarray(end + 1)]);
    at = end + 1;
  }
  return body;
}

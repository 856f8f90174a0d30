import { createHash } from 'node:crypto';
import { ByteWriter } from '../../audit/byte-writer.ts';
import type { ChainHead } from '../../audit/chain.ts';
import type { AuditEvent } from '../../audit/events.ts';
import { serialize } from '../../audit/serialize.ts';

/** An event's members as the trail has them, without braces. */
export function fieldsOf(event: AuditEvent): string {
  const line = new ByteWriter();
  serialize(event, line);
  return line.view(0, line.length).toString();
}

/** The line with these members behind `head`, whatever they are, by the words of docs/audit-trail.md. */
export function sealed(
  head: ChainHead,
  fields: string | Uint8Array,
): { readonly line: Buffer; readonly head: ChainHead } {
  const seq = head.seq + 1;
  const body = Buffer.concat([Buffer.from(`{"prev":"${head.hash}","seq":${seq},`), Buffer.from(fields)]);
  const hash = createHash('sha256').update(body).digest('hex');
  return { line: Buffer.concat([body, Buffer.from(`,"hash":"${hash}"}`)]), head: { seq, hash } };
}

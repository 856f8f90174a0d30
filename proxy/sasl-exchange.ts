import type { Socket } from 'node:net';
import type { ClientReader } from './client-reader.ts';
import type { ScramVerifier } from './ports.ts';
import { authenticationSasl, authenticationSaslContinue } from './wire/backend-messages.ts';
import { decodeSaslInitialResponse, decodeSaslResponse } from './wire/frontend-messages.ts';
import { FRONTEND, HEADER_LENGTH } from './wire/message-types.ts';
import { ProtocolError } from './wire/protocol-error.ts';
import { ScramServer } from './wire/scram-server.ts';

/** As PostgreSQL's PG_MAX_SASL_MESSAGE_LENGTH. */
const MAX_SASL_MESSAGE = 1024;

export type SaslOutcome =
  | { readonly kind: 'proven'; readonly serverFinal: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'gone' };

/** SCRAM with a client (manual, "SASL Authentication"); ends before SASLFinal and AuthenticationOk. */
export async function saslExchange(
  socket: Socket,
  reader: ClientReader,
  verifier: ScramVerifier,
  channelBinding: Uint8Array | null,
): Promise<SaslOutcome> {
  const scram = new ScramServer({ verifier, channelBinding });
  socket.write(authenticationSasl(scram.mechanisms));
  const initial = await readPasswordMessage(reader);
  if (initial === null) return { kind: 'gone' };
  const { mechanism, data } = decodeSaslInitialResponse(initial);
  if (data === null) throw new ProtocolError('SASL initial response has no data');
  socket.write(authenticationSaslContinue(scram.first(mechanism, data)));
  const proof = await readPasswordMessage(reader);
  if (proof === null) return { kind: 'gone' };
  const outcome = scram.final(decodeSaslResponse(proof));
  return outcome.ok ? { kind: 'proven', serverFinal: outcome.serverFinal } : { kind: 'wrong' };
}

/** The body of the next message, which must be a `p`; null if the client is gone. */
async function readPasswordMessage(reader: ClientReader): Promise<Buffer | null> {
  for (;;) {
    const { buffer } = reader;
    if (buffer.length >= HEADER_LENGTH) {
      if (buffer[0] !== FRONTEND.password) throw new ProtocolError('expected a SASL response');
      const length = buffer.readUInt32BE(1);
      if (length < 4 || length > MAX_SASL_MESSAGE) throw new ProtocolError('invalid length of SASL response');
      if (buffer.length >= 1 + length) {
        reader.consume(1 + length);
        return buffer.subarray(HEADER_LENGTH, 1 + length);
      }
    }
    if (!(await reader.more())) return null;
  }
}

/**
 * The first exchange with a client: TLS or not, cancel or startup (manual, "Message Flow: Start-up, SSL Session
 * Encryption"). Promise 9.
 */
import type { Socket } from 'node:net';
import { ClientReader } from './client-reader.ts';
import { type ServerTls, startTls } from './client-tls.ts';
import { ProtocolError } from './wire/protocol-error.ts';
import { readStartupPacket, type StartupMessage } from './wire/startup-packet.ts';

export interface Startup {
  readonly kind: 'startup';
  /** The plain socket, or TLS over it. */
  readonly socket: Socket;
  readonly tls: boolean;
  readonly message: StartupMessage;
  readonly reader: ClientReader;
}

export type Opening =
  | Startup
  | {
      readonly kind: 'cancel';
      readonly socket: Socket;
      readonly processId: number;
      readonly secretKey: Uint8Array;
    }
  | { readonly kind: 'gone' };

const YES = Buffer.from('S');
const NO = Buffer.from('N');

/** @throws ProtocolError; `onSocket` is told of the TLS socket, so that the error can be sent through it */
export async function open(
  accepted: Socket,
  tls: ServerTls | null,
  onSocket: (socket: Socket) => void,
): Promise<Opening> {
  let socket = accepted;
  let reader = new ClientReader(socket);
  let secured = false;
  let sslAsked = false;
  let gssAsked = false;
  const secure = async (direct: boolean): Promise<void> => {
    if (tls === null) throw new ProtocolError('TLS is not configured');
    const buffered = reader.release();
    if (direct) socket.unshift(buffered);
    else if (buffered.length > 0) throw new ProtocolError('received unencrypted data after SSL request');
    else socket.write(YES);
    socket = await startTls(socket, tls, direct);
    onSocket(socket);
    reader = new ClientReader(socket);
    secured = true;
  };
  for (;;) {
    const packet = readStartupPacket(reader.buffer);
    switch (packet.kind) {
      case 'incomplete':
        if (!(await reader.more())) return { kind: 'gone' };
        break;
      case 'direct-tls':
        if (secured || sslAsked || gssAsked) throw new ProtocolError('unexpected TLS handshake');
        await secure(true);
        break;
      case 'ssl':
        if (secured || sslAsked) throw new ProtocolError('unexpected second SSL request');
        sslAsked = true;
        reader.consume(packet.length);
        if (tls === null) socket.write(NO);
        else await secure(false);
        break;
      case 'gssenc':
        if (secured || gssAsked) throw new ProtocolError('unexpected GSSAPI encryption request');
        gssAsked = true;
        reader.consume(packet.length);
        socket.write(NO);
        break;
      case 'cancel':
        return { kind: 'cancel', socket, processId: packet.processId, secretKey: packet.secretKey };
      case 'startup':
        reader.consume(packet.length);
        return { kind: 'startup', socket, tls: secured, message: packet, reader };
    }
  }
}

import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';
import { AuthenticationMD5Password, type BackendMessage, DatabaseError } from 'pg-protocol/dist/messages.js';
import type { UpstreamTarget } from '../ports.ts';
import { certificateHash } from '../wire/certificate-hash.ts';
import { ProtocolError } from '../wire/protocol-error.ts';
import { ScramClient } from '../wire/scram-client.ts';
import { type MessageReader, notUnderstood } from './message-reader.ts';
import { UpstreamError } from './upstream-error.ts';

/**
 * Answers the server's authentication requests up to AuthenticationOk: none, cleartext and MD5 passwords,
 * SCRAM-SHA-256 and, over TLS where offered, -PLUS (manual, "Start-up").
 * @throws UpstreamError
 */
export async function authenticate(
  socket: Socket,
  messages: MessageReader,
  target: UpstreamTarget,
): Promise<void> {
  for (;;) {
    const message = await messages.next();
    switch (message.name) {
      case 'authenticationOk':
        return;
      case 'authenticationCleartextPassword':
        socket.write(serialize.password(passwordOf(target)));
        break;
      case 'authenticationMD5Password':
        socket.write(serialize.password(md5Password(target, message)));
        break;
      case 'authenticationSASL':
        await exchangeScram(socket, messages, target, message);
        break;
      default:
        ignoreNotice(message);
    }
  }
}

/** @throws UpstreamError unless it is a notice, with the server's own message if it is an error */
export function ignoreNotice(message: BackendMessage): void {
  if (message.name === 'notice') return;
  if (!(message instanceof DatabaseError)) throw notUnderstood(`an unexpected ${message.name} message`);
  const { code } = message;
  // pg-protocol makes such an error of a message whose type it does not know.
  if (code === undefined) throw notUnderstood(`a message (${message.message})`);
  throw new UpstreamError('refused', `the server refused: ${message.message}`, {
    sqlstate: code,
    cause: message,
  });
}

/** INVARIANT: returns only after the server has proven that it knows the password. */
async function exchangeScram(
  socket: Socket,
  messages: MessageReader,
  target: UpstreamTarget,
  request: BackendMessage & { readonly mechanisms?: readonly string[] },
): Promise<void> {
  const password = passwordOf(target);
  try {
    const mechanisms = request.mechanisms ?? [];
    const scram = new ScramClient({ password, mechanisms, channelBinding: channelBinding(socket) });
    socket.write(serialize.sendSASLInitialResponseMessage(scram.mechanism, scram.first()));
    const final = await scram.final(await saslData(messages, 'authenticationSASLContinue'));
    socket.write(serialize.sendSCRAMClientFinalMessage(final));
    scram.verify(await saslData(messages, 'authenticationSASLFinal'));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new UpstreamError('protocol', `SCRAM with the server failed: ${error.message}`, { cause: error });
  }
}

async function saslData(
  messages: MessageReader,
  name: 'authenticationSASLContinue' | 'authenticationSASLFinal',
): Promise<string> {
  for (;;) {
    const message: BackendMessage & { readonly data?: string } = await messages.next();
    if (message.name === name) return message.data ?? '';
    ignoreNotice(message);
  }
}

function channelBinding(socket: Socket): Uint8Array | null {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return certificate === undefined ? null : certificateHash(certificate.raw);
}

function passwordOf(target: UpstreamTarget): string {
  if (target.password !== null) return target.password;
  throw new UpstreamError('refused', 'the server asks for a password, but none is configured', {
    sqlstate: '28P01',
  });
}

function md5Password(target: UpstreamTarget, request: BackendMessage): string {
  if (!(request instanceof AuthenticationMD5Password)) throw notUnderstood('an authentication request');
  const inner = md5(passwordOf(target) + target.user);
  return `md5${md5(Buffer.concat([Buffer.from(inner), request.salt]))}`;
}

function md5(data: string | Buffer): string {
  return createHash('md5').update(data).digest('hex');
}

/**
 * proxy/upstream: the proxy as a client of the database, which it trusts once it has authenticated it. Messages of this
 * side are written and read by pg-protocol; frames are cut here.
 *
 *   withUpstreamSocket   TCP or unix socket, TLS, one deadline for it all
 *     ByteReader         exact numbers of bytes, nothing lost
 *       MessageReader    one message at a time
 *   authenticate         password, MD5, SCRAM, SCRAM with channel binding
 *   connectUpstream      all of it, until it is ready for a client
 *   cancelUpstream       CancelRequest on a connection of its own
 */
import type { Socket } from 'node:net';
import { serialize } from 'pg-protocol';
import {
  BackendKeyDataMessage,
  type BackendMessage,
  DataRowMessage,
  ParameterStatusMessage,
  ReadyForQueryMessage,
} from 'pg-protocol/dist/messages.js';
import type { UpstreamTarget } from '../ports.ts';
import { authenticate, ignoreNotice } from './authenticate.ts';
import { ByteReader } from './byte-reader.ts';
import { MessageReader } from './message-reader.ts';
import { type SocketOptions, withUpstreamSocket } from './open-socket.ts';
import { ORIGIN } from './origin.ts';
import { UpstreamError } from './upstream-error.ts';

export interface ConnectOptions extends SocketOptions {
  /** Settings for the startup packet: application_name, DateStyle, TimeZone ... `client_encoding` is always UTF8. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A session that is ready for its first query. */
export interface Upstream {
  /** Paused; bytes that came after ReadyForQuery are in `rest`. */
  readonly socket: Socket;
  readonly rest: Buffer;
  readonly processId: number;
  readonly secretKey: Uint8Array;
  readonly parameterStatus: ReadonlyMap<string, string>;
  /** Which database it is in: see ORIGIN. null: it would not say. */
  readonly origin: string | null;
  readonly transactionStatus: 'I';
  readonly protocol: '3.0';
}

/** @throws UpstreamError, and nothing else; the socket is then gone */
export function connectUpstream(target: UpstreamTarget, options: ConnectOptions): Promise<Upstream> {
  return withUpstreamSocket(target, options, async (socket) => {
    const bytes = new ByteReader(socket);
    const messages = new MessageReader(bytes);
    socket.write(serialize.startup(startupParameters(target, options.parameters)));
    await authenticate(socket, messages, target);
    const session = await readSession(messages);
    const origin = await askOrigin(socket, messages, session);
    return { socket, rest: bytes.release(), ...session, origin, transactionStatus: 'I', protocol: '3.0' };
  });
}

/** Fields of a startup packet that are no settings. As a setting, `options` would carry others past every check. */
const NOT_SETTINGS = /^(?:(?:user|database|replication|options)$|_pq_\.)/i;

function startupParameters(
  target: UpstreamTarget,
  parameters: ReadonlyMap<string, string>,
): Record<string, string> {
  for (const name of parameters.keys()) {
    if (!NOT_SETTINGS.test(name)) continue;
    const message = `unrecognized configuration parameter "${name}"`;
    throw new UpstreamError('refused', message, { sqlstate: '42704' });
  }
  const settings = [...parameters].filter(([name]) => name.toLowerCase() !== 'client_encoding');
  return { ...Object.fromEntries(settings), user: target.user, database: target.database };
}

type Session = Pick<Upstream, 'processId' | 'secretKey'> & { readonly parameterStatus: Map<string, string> };

async function readSession(messages: MessageReader): Promise<Session> {
  const parameterStatus = new Map<string, string>();
  let key: BackendKeyDataMessage | null = null;
  await untilReady(messages, parameterStatus, (message) => {
    if (message instanceof BackendKeyDataMessage) key = message;
    else ignoreNotice(message);
  });
  const { processID, secretKey } = key ?? noKey();
  return { processId: processID, secretKey: int32(secretKey), parameterStatus };
}

const QUESTION = Buffer.from(serialize.query(`select ${ORIGIN}`));

/** null: it would not say, perhaps for a setting of the client's. */
async function askOrigin(
  socket: Socket,
  messages: MessageReader,
  { parameterStatus }: Session,
): Promise<string | null> {
  let origin: string | null = null;
  socket.write(QUESTION);
  await untilReady(messages, parameterStatus, (message) => {
    if (message instanceof DataRowMessage) [origin] = message.fields;
  });
  return origin;
}

async function untilReady(
  messages: MessageReader,
  parameterStatus: Map<string, string>,
  take: (message: BackendMessage) => void,
): Promise<void> {
  for (;;) {
    const message: BackendMessage = await messages.next();
    if (message instanceof ReadyForQueryMessage) return;
    if (message instanceof ParameterStatusMessage)
      parameterStatus.set(message.parameterName, message.parameterValue);
    else take(message);
  }
}

function noKey(): never {
  throw new UpstreamError('protocol', 'the server gave no key to cancel by');
}

function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

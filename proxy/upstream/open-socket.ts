import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';
import type { UpstreamTarget, UpstreamTls } from '../ports.ts';
import { LARGE } from '../spent-buffers.ts';
import { ByteReader } from './byte-reader.ts';
import { UpstreamError } from './upstream-error.ts';

export interface SocketOptions {
  /** For everything that `use` does, in ms. */
  readonly timeoutMs: number;
  /** Silence after which TCP asks whether the server is still there, ms; null: never. */
  readonly keepAliveMs: number | null;
}

/**
 * Opens a connection as the target says (TCP or unix socket, TLS or not), and hands it to `use`. Whatever fails in
 * there, or the time running out, destroys the socket; otherwise it is the caller's. A socket never lacks an 'error'
 * listener, also afterwards: who uses it on should listen for 'close' and look at `destroyed` first.
 * @throws UpstreamError
 */
export async function withUpstreamSocket<T>(
  target: UpstreamTarget,
  options: SocketOptions,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket: Socket = connectTcp({
    ...address(target),
    noDelay: true,
    keepAlive: options.keepAliveMs !== null,
    keepAliveInitialDelay: options.keepAliveMs ?? 0,
    onread: { buffer: READ_BUFFER, callback: (length) => passOn(socket, length) },
  });
  socket.on('error', ignore);
  let timedOut: UpstreamError | null = null;
  const timer = setTimeout(() => {
    const message = `no connection to ${name(target)} within ${options.timeoutMs} ms`;
    timedOut = new UpstreamError('unreachable', message);
    socket.destroy(timedOut);
  }, options.timeoutMs);
  try {
    await connected(socket, target);
    return await use(await secured(socket, target));
  } catch (error) {
    socket.destroy();
    throw timedOut ?? error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What all upstream sockets are read into, one read at a time: Node.js would make, and throw away, as many bytes for
 * each of the small chunks that most replies are. TLS reads its socket in its own way.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

function passOn(socket: Socket, length: number): boolean {
  const chunk = length < LARGE ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length);
  READ_BUFFER.copy(chunk, 0, 0, length);
  socket.emit('data', chunk);
  return true; // go on reading
}

/** For the operator's log. */
export function name(target: UpstreamTarget): string {
  return `${target.host}:${target.port}`;
}

function isUnixSocket(target: UpstreamTarget): boolean {
  return target.host.startsWith('/');
}

/** As libpq: a host that is an absolute path is the directory of a unix socket. */
function address(target: UpstreamTarget): { path: string } | { host: string; port: number } {
  return isUnixSocket(target)
    ? { path: `${target.host}/.s.PGSQL.${target.port}` }
    : { host: target.host, port: target.port };
}

async function connected(socket: Socket, target: UpstreamTarget): Promise<void> {
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new UpstreamError('unreachable', `could not connect to ${name(target)}: ${text(cause)}`, { cause });
  }
}

/** PostgreSQL has no TLS on unix sockets; as with libpq, TLS modes do not apply to them. */
async function secured(socket: Socket, target: UpstreamTarget): Promise<Socket> {
  if (target.tls.mode === 'disable' || isUnixSocket(target)) return socket;
  await requestTls(socket, target);
  return startTls(socket, target);
}

async function requestTls(socket: Socket, target: UpstreamTarget): Promise<void> {
  const reader = new ByteReader(socket);
  socket.write(serialize.requestSsl());
  const answer = (await reader.take(1)).toString('latin1');
  const early = reader.release();
  if (answer === 'N') throw new UpstreamError('tls', `${name(target)} does not offer TLS`);
  // Anyone on the path could have written it, so an ErrorResponse in the clear is not read (CVE-2024-10977).
  if (answer !== 'S')
    throw new UpstreamError('tls', `${name(target)} answered the request for TLS with an error`);
  // CVE-2021-23222: bytes sent in the clear must not be read as if they had come through TLS.
  if (early.length > 0)
    throw new UpstreamError('tls', `${name(target)} sent unencrypted data after its answer`);
}

async function startTls(socket: Socket, target: UpstreamTarget): Promise<TLSSocket> {
  const secure = connectTls({
    socket,
    host: target.host,
    ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
    ALPNProtocols: ['postgresql'],
    minVersion: 'TLSv1.2',
    ...credentials(target.tls),
    ...verification(target.tls),
  });
  secure.on('error', ignore);
  try {
    await once(secure, 'secureConnect');
  } catch (cause) {
    throw new UpstreamError('tls', `no TLS with ${name(target)}: ${text(cause)}`, { cause });
  }
  return secure;
}

function credentials({ ca, cert, key }: UpstreamTls): ConnectionOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** As libpq: `require` with a CA verifies against it, so that giving one is never without effect. */
function verification({ mode, ca }: UpstreamTls): ConnectionOptions {
  if (mode === 'verify-full') return { rejectUnauthorized: true };
  const anyName = { checkServerIdentity: () => undefined };
  return { rejectUnauthorized: mode === 'verify-ca' || ca !== undefined, ...anyName };
}

function ignore(): void {}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

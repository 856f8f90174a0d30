import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { certificateHash } from './wire/certificate-hash.ts';
import { ProtocolError } from './wire/protocol-error.ts';

/** RFC 7301 name that PostgreSQL registered; required where TLS starts without SSLRequest. */
const ALPN = 'postgresql';

export interface ServerTls {
  readonly context: SecureContext;
  /** tls-server-end-point data for SCRAM-SHA-256-PLUS. */
  readonly channelBinding: Uint8Array | null;
}

/** @throws Error if the PEM texts don't make a certificate and its key */
export function serverTls(cert: string, key: string): ServerTls {
  const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  return { context, channelBinding: certificateHash(new X509Certificate(cert).raw) };
}

/** Start TLS as the server. Bytes for it that were read already must have been unshifted. */
export function startTls(socket: Socket, tls: ServerTls, direct: boolean): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: tls.context,
      ALPNProtocols: [ALPN],
    });
    const failed = (fault?: Error): void => {
      secure.destroy();
      reject(new ProtocolError(`could not accept TLS connection: ${fault?.message ?? 'connection closed'}`));
    };
    secure.once('error', failed).once('close', failed);
    secure.once('secure', () => {
      secure.off('error', failed).off('close', failed);
      secure.on('error', () => {});
      if (!direct || secure.alpnProtocol === ALPN) resolve(secure);
      else failed(new Error('direct TLS connection without ALPN "postgresql"'));
    });
  });
}

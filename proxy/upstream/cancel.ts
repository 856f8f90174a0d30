import { serialize } from 'pg-protocol';
import type { UpstreamTarget } from '../ports.ts';
import { withUpstreamSocket } from './open-socket.ts';

/** A cancel is worth nothing to anyone later than this. */
const TIMEOUT_MS = 5_000;

/**
 * Asks the server to cancel what a session runs, over TLS if the target has it. Resolves once the server has closed the
 * connection: the signal is then on its way, and will not hit a statement that is sent only afterwards and answered.
 * @throws UpstreamError if the server can't be reached
 */
export function cancelUpstream(
  target: UpstreamTarget,
  processId: number,
  secretKey: Uint8Array,
): Promise<void> {
  const key = Buffer.from(secretKey).readInt32BE();
  return withUpstreamSocket(target, { timeoutMs: TIMEOUT_MS, keepAliveMs: null }, async (socket) => {
    // However it ends: PostgreSQL may reset a TLS connection which it closes without close_notify.
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.resume().write(serialize.cancel(processId, key));
    await closed;
  });
}

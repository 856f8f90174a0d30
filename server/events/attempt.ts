/** One attempt to deliver one message. */
import type { QueuedEvent } from '../../access/events/event-queue.ts';
import type { WebhookConfig } from '../config-webhook.ts';
import { signedHeaders } from './signed-headers.ts';

export interface AttemptFault {
  /** Neither the path nor what was answered: either may have secrets. */
  readonly what: string;
  /** It would be the same the next time. */
  readonly lasting: boolean;
}

/** null: delivered. Never rejects. */
export async function attempt(
  { url, secrets }: WebhookConfig,
  { id, body }: QueuedEvent,
  signal: AbortSignal,
): Promise<AttemptFault | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: signedHeaders(id, Date.now(), body, secrets),
      body,
      redirect: 'manual', // whoever answers may not send us elsewhere
      signal,
    });
    await response.body?.cancel(); // however long it is
    return response.ok ? null : faultOf(response.status);
  } catch (fault) {
    return { what: causeOf(fault), lasting: false };
  }
}

/**
 * What tells that the message itself is not wanted (RFC 9110), and redirections. Everything else may pass: a receiver that
 * is being set up, or given another secret, answers 401, 403 and 404 for a while.
 */
const LASTING: ReadonlySet<number> = new Set([400, 405, 406, 410, 411, 413, 414, 415, 422, 431]);

const faultOf = (status: number): AttemptFault => ({
  what: `status ${status}`,
  lasting: LASTING.has(status) || status < 400,
});

function causeOf(fault: unknown): string {
  if (!(fault instanceof Error)) return 'unknown';
  const cause = fault.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? fault.name;
}

import type { Verdict } from '../guardrails/types.ts';
import type { SessionState } from './session-state.ts';
import * as decode from './wire/frontend-messages.ts';
import { FRONTEND } from './wire/message-types.ts';

/** Nothing of what it does is left after a rollback, and nothing of it is for the session to remember. */
export function merelyReads({ effects }: Verdict): boolean {
  const { writes, changesNames, changesCatalog, transactionControl, copyIn } = effects;
  const lists = [effects.prepares, effects.deallocates, effects.cursors];
  const acts = writes || changesNames || changesCatalog || transactionControl || copyIn;
  return !acts && lists.every(({ length }) => length === 0);
}

/**
 * May the message be forwarded behind a result of its segment that may yet be cut, and would then have been skipped? It
 * has to leave nothing behind, by a decision whose grounds have not changed.
 * @throws ProtocolError if the body is malformed
 */
export function mayOvertake({ prepared, guard }: Overtaken, type: number, body: Buffer): boolean {
  const reads = (verdict: Verdict | undefined): boolean =>
    verdict !== undefined &&
    verdict.effects.deciding === undefined &&
    merelyReads(verdict) &&
    guard.isCurrent(verdict) === true;
  switch (type) {
    case FRONTEND.describe:
      return true;
    case FRONTEND.bind:
      return reads(prepared.statement(decode.decodeBind(body).statement)?.verdict);
    case FRONTEND.execute:
      return reads(prepared.portal(decode.decodeExecute(body).portal)?.statement.verdict);
    default:
      return false;
  }
}

type Overtaken = Pick<SessionState, 'prepared' | 'guard'>;

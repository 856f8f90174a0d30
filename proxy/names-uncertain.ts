import type { PreparedStatements } from './prepared-statements.ts';
import * as decode from './wire/frontend-messages.ts';
import { FRONTEND } from './wire/message-types.ts';

/**
 * True if the message uses a name whose meaning hangs on an unanswered message of an earlier segment. A Query may use
 * any name, by EXECUTE. Parse and Bind replace what is unnamed, whatever it was.
 * @throws ProtocolError if the body is malformed
 */
export function namesUncertain(prepared: PreparedStatements, type: number, body: () => Buffer): boolean {
  if (!prepared.anyUncertain) return false;
  switch (type) {
    case FRONTEND.query:
      return true;
    case FRONTEND.parse: {
      const { name } = decode.decodeParse(body());
      return name !== '' && prepared.uncertain('S', name);
    }
    case FRONTEND.bind: {
      const { statement, portal } = decode.decodeBind(body());
      if (prepared.uncertain('S', statement) || prepared.rebinds(portal)) return true;
      return portal !== '' && prepared.uncertain('P', portal);
    }
    case FRONTEND.execute:
      return prepared.uncertain('P', decode.decodeExecute(body()).portal);
    case FRONTEND.describe:
    case FRONTEND.close: {
      const { target, name } = decode.decodeDescribe(body());
      return prepared.uncertain(target, name);
    }
    default:
      return false;
  }
}

import type { LengthLimit } from './frame-scanner.ts';
import { FRONTEND } from './message-types.ts';

/** Length word alone. */
const EMPTY = 4;
/** Names of statements and portals have at most 63 bytes in PostgreSQL; CopyFail carries a message. */
const SHORT = 10_000;

/** The closed list of frontend messages after startup, with the largest length word of each. */
export function frameLimit(maxMessageBytes: number): LengthLimit {
  const limits: (number | undefined)[] = new Array(256).fill(undefined);
  limits[FRONTEND.sync] = EMPTY;
  limits[FRONTEND.flush] = EMPTY;
  limits[FRONTEND.terminate] = EMPTY;
  limits[FRONTEND.copyDone] = EMPTY;
  limits[FRONTEND.describe] = SHORT;
  limits[FRONTEND.close] = SHORT;
  limits[FRONTEND.execute] = SHORT;
  limits[FRONTEND.copyFail] = SHORT;
  limits[FRONTEND.password] = SHORT;
  limits[FRONTEND.functionCall] = maxMessageBytes;
  limits[FRONTEND.query] = maxMessageBytes;
  limits[FRONTEND.parse] = maxMessageBytes;
  limits[FRONTEND.bind] = maxMessageBytes;
  limits[FRONTEND.copyData] = maxMessageBytes;
  return (type) => limits[type];
}

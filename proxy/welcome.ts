import type { CancelKey } from './cancel-keys.ts';
import type { LoggedIn } from './login.ts';
import {
  authenticationOk,
  authenticationSaslFinal,
  backendKeyData,
  parameterStatus,
  readyForQuery,
} from './wire/backend-messages.ts';

/** Everything from the end of authentication to the first ReadyForQuery, for one write. */
export function welcome({ serverFinal, upstream }: LoggedIn, key: CancelKey): Buffer {
  return Buffer.concat([
    authenticationSaslFinal(serverFinal),
    authenticationOk(),
    ...[...upstream.parameterStatus].map(([name, value]) => parameterStatus(name, value)),
    backendKeyData(key.processId, key.secretKey),
    readyForQuery('I'),
  ]);
}

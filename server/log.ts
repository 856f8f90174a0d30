import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';

/** Never in the log, whatever object they come in. */
const SECRETS = ['password', 'token', 'signingKey', '*.password', '*.token', '*.signingKey', 'err.config'];

/** JSON lines on standard error: standard output belongs to the command. */
export function createLog({ logLevel, node }: Pick<Config, 'logLevel' | 'node'>, worker: string): Logger {
  return pino(
    { level: logLevel, base: { node, worker }, redact: { paths: SECRETS, censor: '***' } },
    pino.destination({ dest: 2, sync: false }),
  );
}

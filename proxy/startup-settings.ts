/** What a startup packet asks for, apart from its protocol version. */
import type { ErrorFields } from '../guardrails/types.ts';
import * as errors from './errors.ts';
import { LoginRefused } from './login-refused.ts';
import { ProtocolError } from './wire/protocol-error.ts';
import { parseOptions } from './wire/startup-options.ts';

export interface ClientSettings {
  readonly user: string;
  readonly database: string;
  readonly application: string | null;
  /** The settings for the upstream, each passed by `check`. @throws LoginRefused for the first that is not. */
  checked(check: (name: string, value: string) => ErrorFields | null): ReadonlyMap<string, string>;
}

const NOT_SETTINGS: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication']);
const FALSE = /^(0|f|false|n|no|of|off)$/i;
const UTF8 = /^["']?(utf-?8|unicode)["']?$/i;
/** What libpq asks for in the C locale: bytes as they are. UTF-8 is given instead. */
const AS_THEY_ARE = /^["']?sql_?ascii["']?$/i;

/** @throws LoginRefused, ProtocolError */
export function clientSettings(parameters: ReadonlyMap<string, string>): ClientSettings {
  const user = parameters.get('user');
  if (user === undefined || user === '') {
    throw new ProtocolError('no PostgreSQL user name specified in startup packet', '28000');
  }
  const replication = parameters.get('replication');
  if (replication !== undefined && !FALSE.test(replication)) {
    throw new LoginRefused('replication', errors.replication);
  }
  const settings = new Map<string, string>();
  const options = parseOptions(parameters.get('options') ?? '');
  for (const { name, value } of options) settings.set(name.toLowerCase(), value);
  for (const [name, value] of parameters)
    if (!NOT_SETTINGS.has(name)) settings.set(name.toLowerCase(), value);
  return {
    user,
    database: parameters.get('database') || user,
    application: settings.get('application_name') ?? null,
    checked(check) {
      takeEncoding(settings);
      for (const [name, value] of settings) {
        const error = check(name, value);
        if (error !== null) throw new LoginRefused('setting', error);
      }
      return settings;
    },
  };
}

/** The upstream is always spoken to in UTF-8; a client that wants another encoding would read wrong characters. */
function takeEncoding(settings: Map<string, string>): void {
  const encoding = settings.get('client_encoding');
  if (encoding === undefined) return;
  if (!UTF8.test(encoding) && !AS_THEY_ARE.test(encoding)) {
    throw new LoginRefused('setting', errors.unsafeEncoding(encoding));
  }
  settings.delete('client_encoding');
}

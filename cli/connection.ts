import type { CreatedGrant } from '../access/grant-store.ts';
import type { Config } from '../server/config.ts';

/** What `grant create --json` prints. */
export interface Connection {
  readonly id: string;
  readonly user: string;
  readonly password: string;
  /** A complete connection string, token included. */
  readonly url: string;
  readonly database: string;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
}

export function connectionOf(config: Config, { grant, token }: CreatedGrant): Connection {
  const url = connectionUrl(config, grant.database, grant.id);
  url.password = token;
  const { id, database, expiresAt } = grant;
  return { id, user: id, password: token, url: url.href, database, expiresAt };
}

/** Without a password. Ids and tokens need no escapes; names of databases may. */
export function connectionUrl(config: Config, database: string, user: string): URL {
  const { host, port } = config.advertise;
  const name = host.includes(':') ? `[${host}]` : host;
  const tls = config.tls ? '?sslmode=require' : '';
  return new URL(`postgresql://${user}@${name}:${port}/${encodeURIComponent(database)}${tls}`);
}

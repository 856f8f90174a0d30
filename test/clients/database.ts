import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';

/** The part of a test server that is used here. */
type Server = Pick<OwnPostgres, 'host' | 'port' | 'query'>;

export const DATABASE = 'clients';
/** With a server of its own nothing moves sizes and statistics between two runs. */
export const SETTINGS = { autovacuum: 'off' };

/** For clients that connect directly: a role that may do what the grant allows, so that a DELETE is refused as well. */
const DIRECT = { user: 'direct', password: 'straight-on' };
const ROLE = `
  create role ${DIRECT.user} login password '${DIRECT.password}';
  grant select, insert, update on all tables in schema public to ${DIRECT.user};
  grant usage on all sequences in schema public to ${DIRECT.user};`;

/** Creates the database that the scripts work on. */
export async function createDatabase(server: Server): Promise<void> {
  await server.query(`create database ${DATABASE}`);
  await server.query(sqlFile('schema.sql') + ROLE, DATABASE);
}

/** Puts the rows back that the scripts expect to start from. */
export async function resetRows(server: Server): Promise<void> {
  await server.query(sqlFile('seed.sql'), DATABASE);
}

/** Where a client connects without the proxy. */
export function directUrl(server: Server): string {
  return `postgresql://${DIRECT.user}:${DIRECT.password}@${server.host}:${server.port}/${DATABASE}`;
}

function sqlFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

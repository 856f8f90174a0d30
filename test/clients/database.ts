import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';

/** The part of a test server that is used here. */
type Server = Pick<OwnPostgres, 'host' | 'port' | 'query'>;

export const DATABASE = 'clients';
/** What an application is granted, and the export that COPY ... TO STDOUT is. */
export const EVERYDAY = ['select,insert,update:public.*', 'export:public.readings'];
/** With a server of its own nothing moves sizes and statistics between two runs. */
export const SETTINGS = { autovacuum: 'off' };

/**
 * Clients log in as `direct` where there is no proxy, and the proxy logs in as `service`. Both see everything that its
 * owner sees, so that they introspect alike. `direct` must not delete; `service` may, so that only the proxy refuses it.
 */
const ROLES = `
  create role owner;
  create role direct login password 'straight-on' in role owner;
  create role service login password 'behind-the-gate' in role owner;
  do $$
  declare object record;
  begin
    for object in select oid::regclass as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') loop
      execute format('alter table %s owner to owner', object.name);
    end loop;
  end $$;
  alter type order_status owner to owner;
  alter function touch owner to owner;
  alter function initials owner to owner;
  revoke delete on all tables in schema public from owner;
  grant delete on all tables in schema public to service;`;

/** The major version of the installed psql and pg_dump: each wants a server that is not newer than itself. */
export function installedVersion(): number {
  const [major] = /\d+/.exec(execFileSync('psql', ['--version'], { encoding: 'utf8' })) ?? [];
  if (major === undefined) throw new Error('psql does not tell its version');
  return Number(major);
}

/** Creates the database that the scripts work on. */
export async function createDatabase(server: Server): Promise<void> {
  await server.query(`create database ${DATABASE}`);
  await server.query(sqlFile('schema.sql') + ROLES, DATABASE);
}

/** Puts the rows back that the scripts expect to start from. */
export async function resetRows(server: Server): Promise<void> {
  await server.query(sqlFile('seed.sql'), DATABASE);
}

/** Where a client connects without the proxy. */
export function directUrl(server: Server): string {
  return `postgresql://direct:straight-on@${server.host}:${server.port}/${DATABASE}`;
}

/** Where the proxy connects. */
export function serviceUrl(server: Server): string {
  return `postgresql://service:behind-the-gate@${server.host}:${server.port}/${DATABASE}`;
}

function sqlFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

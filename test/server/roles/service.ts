/** A database that a service role without any special rights can grant from, as docs/second-wall.md sets it up. */
import { readFileSync } from 'node:fs';
import type { OwnPostgres } from '../../../server/embedded/postgres.ts';

const SCHEMA = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');

export const SERVICE = 'postern';
export const SERVICE_PASSWORD = 'service';

/** Makes the role `postern` and the database; resolves with the URL under which the proxy connects. */
export async function createService(server: OwnPostgres, database: string, schema = SCHEMA): Promise<string> {
  await server.query(
    `do $$ begin create role ${SERVICE} login createrole password '${SERVICE_PASSWORD}';
     exception when duplicate_object then null; end $$`,
  );
  await server.query(`create database ${database}`);
  await server.query(`${schema};\n${grantsTo(SERVICE)}`, database);
  return `postgresql://${SERVICE}:${SERVICE_PASSWORD}@127.0.0.1:${server.port}/${database}`;
}

/** What docs/second-wall.md tells to grant, for every schema. */
export const grantsTo = (role: string): string => `
  do $$ declare s text; begin
    for s in select quote_ident(nspname) from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
      execute format('grant usage on schema %s to ${role} with grant option', s);
      execute format('grant select, insert, update, delete, truncate on all tables in schema %s to ${role} with grant option', s);
      execute format('grant usage, select, update on all sequences in schema %s to ${role} with grant option', s);
      execute format('grant execute on all routines in schema %s to ${role} with grant option', s);
      execute format('alter default privileges in schema %s grant select, insert, update, delete, truncate on tables to ${role} with grant option', s);
      execute format('alter default privileges in schema %s grant usage, select, update on sequences to ${role} with grant option', s);
    end loop;
  end $$`;

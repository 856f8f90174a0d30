/** A server with the database of schema.sql, and the role that owns it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import { startPostgres } from '../helpers/postgres.ts';

const PASSWORD = 'recorder';

export interface OracleDatabase {
  /** Of a role that owns everything and is no superuser. */
  readonly url: string;
  readonly catalog: Catalog;
  stop(): Promise<void>;
}

export async function startOracleDatabase(): Promise<OracleDatabase> {
  const server = await startPostgres();
  const { host, port } = server;
  const files = 'in role pg_read_server_files, pg_write_server_files';
  await server.query(`create role recorder login password '${PASSWORD}' ${files}`);
  await server.query('create database oracle owner recorder');
  await server.query('grant set on parameter track_functions to recorder', 'oracle');
  const url = `postgresql://recorder:${PASSWORD}@${host}:${port}/oracle`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8'));
  await client.query('reset search_path');
  const catalog = await loadCatalog(client, 1);
  await client.end();
  return { url, catalog, stop: () => server.stop() };
}

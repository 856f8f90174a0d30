import { readFileSync } from 'node:fs';
import type { OwnPostgres } from '../embedded/postgres.ts';

export const SHOP = 'shop';
const SERVICE_ROLE = 'postern_service';

/** Creates the sample database and the service role for it. The connection string is the service role's. */
export async function createShop(postgres: OwnPostgres): Promise<string> {
  await postgres.query(`CREATE ROLE ${SERVICE_ROLE} LOGIN PASSWORD '${postgres.password}'`);
  await postgres.query(`CREATE DATABASE ${SHOP}`);
  await postgres.query(readFileSync(new URL('./shop.sql', import.meta.url), 'utf8'), SHOP);
  return `postgresql://${SERVICE_ROLE}:${postgres.password}@${postgres.host}:${postgres.port}/${SHOP}`;
}

import { OwnPostgres } from '../../server/embedded/postgres.ts';

const DATABASE = 'regression';

/** As pg_regress prepares them: pg_regress.c, create_database, and the settings of its temporary instance. */
const DATABASE_SETTINGS = {
  lc_messages: 'C',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  bytea_output: 'hex',
  timezone_abbreviations: 'Default',
};

/** A freshly initialised server with an empty database for the tests. */
export async function freshServer(major: number): Promise<OwnPostgres> {
  const server = await OwnPostgres.start({
    version: major,
    settings: { max_prepared_transactions: '2', shared_buffers: '128MB', autovacuum: 'off' },
  });
  await server.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`);
  for (const [name, value] of Object.entries(DATABASE_SETTINGS)) {
    await server.query(`ALTER DATABASE ${DATABASE} SET ${name} TO '${value}'`);
  }
  return server;
}

export const connectionTo = (server: OwnPostgres) => ({
  host: server.host,
  port: server.port,
  user: server.user,
  password: server.password,
  database: DATABASE,
});

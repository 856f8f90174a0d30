import { accessSync, constants } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { type Demo, startDemo } from '../server/demo/demo.ts';
import { SHOP } from '../server/demo/shop.ts';
import { SENTENCES, SUPPORT_GRANT, TOUR } from '../server/demo/tour.ts';
import { parseDuration } from '../server/units.ts';
import type { Connection } from './connection.ts';
import { addDemoAccounts, type ConsoleDoor } from './demo-accounts.ts';
import { EXIT } from './exit.ts';
import { createConnection } from './grant.ts';
import { fields } from './table.ts';

interface DemoOptions {
  readonly port?: number;
  readonly pgPort?: number;
  /** ms */
  readonly ttl: number;
  readonly json?: true;
}

/** `postern demo`: runs until Ctrl-C or SIGTERM, and leaves nothing behind. */
export function command(): Command {
  return new Command('demo')
    .option('--port <port>', "the proxy's port (default: 6432, or a free one)", port)
    .option('--pg-port <port>', "the embedded PostgreSQL's port (default: a free one)", port)
    .option('--ttl <duration>', 'how long the token lasts: 30s, 15m, 2h', duration, parseDuration('30m')!)
    .option('--json', 'print the connection as JSON')
    .action(run);
}

async function run(options: DemoOptions): Promise<void> {
  const stopped = signalled();
  const demo = await Promise.race([start(options), stopped]);
  if (!demo) process.exit(EXIT.ok); // in the middle of the start; the reapers clean up
  const connection = await createConnection(demo.config, SUPPORT_GRANT, options.ttl);
  const door = await addDemoAccounts(demo);
  console.log(options.json ? asJson(demo, connection, door) : asText(demo, connection, door));
  await stopped;
  if (!options.json) console.log('\nstopping ...');
  await demo.stop();
}

function start({ port, pgPort, json }: DemoOptions): Promise<Demo> {
  return startDemo({
    ...(port !== undefined && { port }),
    ...(pgPort !== undefined && { postgresPort: pgPort }),
    progress: (step) => json || console.log(`${step} ...`),
  });
}

/** Resolves with null. A second signal ends the process at once; the reapers then clean up. */
function signalled(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(null));
  });
}

function asJson(demo: Demo, connection: Connection, { url, passwords }: ConsoleDoor): string {
  const { file: config } = demo.config;
  const api = { url, account: 'admin', password: passwords.admin };
  return JSON.stringify({ ...connection, config, directUrl: demo.directUrl, api, passwords });
}

function asText(demo: Demo, { id, url, expiresAt }: Connection, door: ConsoleDoor): string {
  const tour = TOUR.map(({ what, sql }) => `  ${sql}\n      -- ${what}`);
  const missing = onPath('psql')
    ? []
    : ['', 'There is no psql here; get it by: apt-get install postgresql-client'];
  const config = `--config ${demo.config.file}`;
  return [
    '',
    'Postern is ready. Paste this into another terminal:',
    '',
    `  psql '${url}'`,
    ...missing,
    '',
    `The token is alice's, of team support, until ${expiresAt}. Try:`,
    '',
    ...tour,
    '',
    'Or ask for access by saying what for:',
    '',
    `  bin/postern psql --request --as alice --team support --db ${SHOP} ${config} --reason '...'`,
    ...SENTENCES.map(({ what, reason }) => `      '${reason}'  -- ${what}`),
    '',
    `Watch, decide and replay in the console: ${door.url}`,
    '',
    fields([
      ['  as the DBA', `account dba, password ${door.passwords.dba}`],
      ['  as who asks', `account alice, password ${door.passwords.alice}`],
    ]),
    '',
    'Meanwhile, as the administrator:',
    '',
    fields([
      ['  watch the audit trail', `bin/postern audit tail --follow ${config}`],
      ['  look at a request', `bin/postern requests [ID] ${config}`],
      ['  be a lead', `bin/postern approve ID --as bob --group leads ${config}`],
      ['  end the grant', `bin/postern grant revoke ${id} ${config}`],
      ['  see the metrics', `http://127.0.0.1:${demo.metricsPort}/metrics`],
      ['  use the HTTP API', `${door.url}/v1, account admin, password ${door.passwords.admin}`],
      ['  go around the proxy', `psql '${demo.directUrl}'`],
    ]),
    '',
    'Ctrl-C ends everything and leaves nothing behind.',
  ].join('\n');
}

function onPath(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65535)
    throw new InvalidArgumentError('It is 1 to 65535.');
  return number;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('It is a duration such as 30s, 15m or 2h.');
  return ms;
}

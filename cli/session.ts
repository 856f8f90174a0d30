import { Command, InvalidArgumentError } from 'commander';
import type { Issuer } from '../access/access.ts';
import type { SessionInfo } from '../access/session-registry.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, operator, withIssuer } from './issuer.ts';
import { replaySession, showSession } from './session-replay.ts';
import { pastSessions, withTrail } from './session-trail.ts';
import { span, table } from './table.ts';

interface SessionOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface ListOptions extends SessionOptions {
  readonly grant?: string;
  readonly ended?: boolean;
  readonly principal?: string;
  readonly number: number;
}

interface ReplayOptions extends SessionOptions {
  readonly speed: number;
  readonly instant?: boolean;
}

/** `postern session list|show|replay|end`. */
export function command(): Command {
  const session = new Command('session');
  common(session.command('list'), 'who is connected, on all nodes; or was')
    .option('--ended', 'those that are over, the last first')
    .option('--grant <id>', 'only sessions of this grant')
    .option('--principal <name>', 'only sessions of this principal')
    .option('-n, --number <count>', 'of those that are over, at most so many', count, 50)
    .action(list);
  common(session.command('show <session>'), 'one session: who, why, and what was run in it').action(
    (id: string, { config, json }: SessionOptions) => showSession(configOf(config), id, json === true),
  );
  common(session.command('replay <session>'), 'the same, statement by statement as it went')
    .option('--speed <times>', 'so many times as fast; no pause is longer than three seconds', times, 1)
    .option('--instant', 'without pauses')
    .action((id: string, { config, json, speed, instant }: ReplayOptions) =>
      replaySession(configOf(config), id, { json: json === true, speed: instant ? Infinity : speed }),
    );
  common(session.command('end <session>'), 'end a session; its grant stays').action(end);
  return session;
}

function common(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs');
}

async function list(options: ListOptions): Promise<void> {
  if (options.ended) return await listEnded(options);
  const { grant, principal } = options;
  const all = await withIssuer(configOf(options.config), ({ registry }) => registry.list(grant));
  const sessions = all.filter((info) => principal === undefined || info.principal === principal);
  if (options.json) return print(sessions);
  if (sessions.length === 0) return console.log('no open sessions');
  const heading = [
    'SESSION',
    'GRANT',
    'PRINCIPAL',
    'DATABASE',
    'CLIENT',
    'APPLICATION',
    'FOR',
    'BACKEND',
    'NODE',
  ];
  console.log(table(heading, sessions.map(listRow)));
}

function listRow(info: SessionInfo): readonly string[] {
  const { session, grant, principal, database, client, application, since, backendPid, node } = info;
  const open = span(Date.now() - Date.parse(since));
  return [session, grant, principal, database, client, application ?? '', open, `${backendPid ?? ''}`, node];
}

async function listEnded({ config, json, grant, principal, number }: ListOptions): Promise<void> {
  const search = { limit: number, ...(grant && { grant }), ...(principal && { principal }) };
  const sessions = await withTrail(configOf(config), (trail) => pastSessions(trail, search));
  if (json) return print(sessions);
  if (sessions.length === 0) return console.log('no session is over');
  const heading = [
    'SESSION',
    'GRANT',
    'PRINCIPAL',
    'DATABASE',
    'STARTED',
    'ENDED',
    'STATEMENTS',
    'DENIED',
    'ROWS',
    'ALARMS',
  ];
  const rows = sessions.map((each) => [
    ...[each.session, each.grant, each.principal, each.database, each.startedAt, each.endReason ?? 'lost'],
    ...[each.statements, each.denied, each.rows, each.alarms].map(String),
  ]);
  console.log(table(heading, rows));
}

async function end(id: string, options: SessionOptions): Promise<void> {
  await withIssuer(configOf(options.config), async (issuer) => {
    const info = await openSession(issuer, id);
    if (!(await issuer.registry.end(info, operator()))) throw notOpen(id);
  });
  if (options.json) return print({ session: id, ended: true });
  console.log(`session ${id} is ended`);
}

async function openSession({ registry }: Issuer, id: string): Promise<SessionInfo> {
  const info = await registry.find(id);
  if (!info) throw notOpen(id);
  return info;
}

function notOpen(id: string): ExitError {
  return new ExitError(EXIT.failed, `there is no open session ${id}; see: postern session list`);
}

function print(value: unknown): void {
  console.log(JSON.stringify(value));
}

function count(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It is 1 to 999.');
  return Number(text);
}

function times(text: string): number {
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It is a number such as 0.5, 2 or 10.');
  return Number(text);
}

import { Command } from 'commander';
import type { Issuer } from '../access/access.ts';
import type { SessionInfo } from '../access/session-registry.ts';
import { EXIT, ExitError } from './exit.ts';
import { configOf, operator, withIssuer } from './issuer.ts';
import { fields, span, table } from './table.ts';

interface SessionOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly grant?: string;
}

/** `postern session list|show|end`. */
export function command(): Command {
  const session = new Command('session');
  common(session.command('list'), 'who is connected, on all nodes')
    .option('--grant <id>', 'only sessions of this grant')
    .action(list);
  common(session.command('show <session>'), 'one session').action(show);
  common(session.command('end <session>'), 'end a session; its grant stays').action(end);
  return session;
}

function common(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--config <file>', 'configuration (default: $POSTERN_CONFIG or ./postern.yaml)')
    .option('--json', 'for programs');
}

async function list(options: SessionOptions): Promise<void> {
  const sessions = await withIssuer(configOf(options.config), ({ registry }) => registry.list(options.grant));
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

async function show(id: string, options: SessionOptions): Promise<void> {
  const info = await withIssuer(configOf(options.config), (issuer) => openSession(issuer, id));
  if (options.json) return print(info);
  console.log(fields(Object.entries(info).map(([name, value]) => [name, `${value ?? ''}`])));
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

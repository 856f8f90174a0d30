import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../server/embedded/free-port.ts';
import { OwnProcess } from '../../server/embedded/own-process.ts';
import { privateDirectory, unprivilegedUser } from '../../server/embedded/own-user.ts';
import type { Connection } from './postern-process.ts';
import type { Target } from './targets.ts';

const START_TIMEOUT_MS = 20_000;

/** Session pooling: what compares with a proxy that keeps one upstream connection a session. */
export async function startPgbouncer(server: Connection): Promise<Target> {
  ensureInstalled('pgbouncer', 'pgbouncer');
  const port = await freePort();
  return await start(
    'pgbouncer',
    'pgbouncer',
    port,
    server,
    (directory) => ({
      'pgbouncer.ini': `
[databases]
${server.database} = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users.txt')}
pool_mode = session
max_client_conn = 200
default_pool_size = 100
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
logfile = ${join(directory, 'pgbouncer.log')}
`,
      'users.txt': `"${server.user}" "${server.password}"\n`,
    }),
    (directory) => [join(directory, 'pgbouncer.ini')],
  );
}

/** One backend, no load balancing, no query cache: as close to a plain proxy as it gets. */
export async function startPgpool(server: Connection): Promise<Target> {
  ensureInstalled('pgpool', 'pgpool2');
  const [port, control] = [await freePort(), await freePort()];
  return await start(
    'pgpool',
    'pgpool',
    port,
    server,
    (directory) => ({
      'pool_hba.conf': 'host all all 127.0.0.1/32 scram-sha-256\n',
      pool_passwd: `${server.user}:TEXT${server.password}\n`,
      'pcp.conf': '',
      'pgpool.conf': `
backend_clustering_mode = 'raw'
listen_addresses = '127.0.0.1'
port = ${port}
pcp_listen_addresses = '127.0.0.1'
pcp_port = ${control}
socket_dir = '${directory}'
pcp_socket_dir = '${directory}'
wd_ipc_socket_dir = '${directory}'
pid_file_name = '${join(directory, 'pgpool.pid')}'
logdir = '${directory}'
backend_hostname0 = '${server.host}'
backend_port0 = ${server.port}
num_init_children = 80
max_pool = 1
load_balance_mode = off
connection_cache = on
memory_cache_enabled = off
enable_pool_hba = on
pool_passwd = 'pool_passwd'
log_min_messages = error
`,
    }),
    (directory) => [
      '-n',
      ...['-f', join(directory, 'pgpool.conf')],
      ...['-F', join(directory, 'pcp.conf')],
      ...['-a', join(directory, 'pool_hba.conf')],
    ],
  );
}

async function start(
  name: string,
  command: string,
  port: number,
  server: Connection,
  files: (directory: string) => Readonly<Record<string, string>>,
  args: (directory: string) => readonly string[],
): Promise<Target> {
  const user = unprivilegedUser();
  const directory = privateDirectory(`postern-${name}-`, user);
  for (const [file, text] of Object.entries(files(directory))) {
    writeFileSync(join(directory, file), text);
    if (user !== null) chownSync(join(directory, file), user.uid, user.gid);
  }
  const process = await OwnProcess.start({
    command,
    args: args(directory),
    directory,
    user,
    stopSignal: 'SIGINT',
    reapSignal: 'KILL',
  });
  const connection = { ...server, port };
  await answering(connection, process);
  return { name, connection, pid: process.pid, stop: () => process.stop() };
}

async function answering(to: Connection, process: OwnProcess): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
    const client = new pg.Client({ ...to });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
      return;
    } catch {
      if (!process.running) break;
    }
  }
  const log = process.log();
  await process.stop();
  throw new Error(`no answer on port ${to.port}:\n${log}`);
}

/** Installs a missing Debian package. @throws Error that says what to install, where we may not */
export function ensureInstalled(command: string, name: string): void {
  if (spawnSync('sh', ['-c', `command -v ${command}`]).status === 0) return;
  if (process.getuid?.() !== 0) throw new Error(`${command} is missing: apt-get install ${name}`);
  console.log(`installing ${name}`);
  execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', name], { stdio: 'ignore' });
}

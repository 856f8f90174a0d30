import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const SQLSMITH = '/usr/bin/sqlsmith';

export const hasSqlsmith = existsSync(SQLSMITH);

/** Statements of sqlsmith (Debian's package), which reads the schema behind `url` and runs nothing. */
export async function* sqlsmith(url: string, count: number, seed: number): AsyncIterable<string> {
  const { username, password, hostname, port, pathname } = new URL(url);
  const target = `host=${hostname} port=${port} dbname=${pathname.slice(1)} user=${username} password=${password}`;
  const options = ['--dry-run', `--max-queries=${count}`, `--seed=${seed}`];
  const child = spawn(SQLSMITH, [`--target=${target}`, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.endsWith(';')) yield lines.splice(0).join('\n');
  }
}

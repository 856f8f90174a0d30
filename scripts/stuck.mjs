import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Options of Node, by which a process writes what it is at when it gets SIGUSR2, unless its event loop stands still. */
export const reporting = (directory) => [
  '--report-on-signal',
  '--report-signal=SIGUSR2',
  '--report-exclude-env',
  '--report-exclude-network',
  `--report-directory=${directory}`,
];

/**
 * Ends what a process has started, and tells what each was at: its title, what keeps it, and where its JavaScript was
 * (https://nodejs.org/api/report.html). If it has started nothing, or there is no /proc to find that in, it is ended itself.
 *
 * @param {number} parent
 * @param {string} directory where reports go
 * @returns {Promise<readonly string[]>}
 */
export async function endStuck(parent, directory) {
  const pids = childrenOf(parent);
  for (const pid of pids) signal(pid, 'SIGUSR2');
  await sleep(3000);
  const reports = readdirSync(directory).filter((name) => name.startsWith('report.'));
  const told = pids.map((pid) => {
    const report = reports.find((name) => name.split('.').includes(String(pid)));
    return `${titleOf(pid)}: ${report === undefined ? 'its loop stands still' : shown(join(directory, report))}`;
  });
  for (const pid of pids.length === 0 ? [parent] : pids) signal(pid, 'SIGKILL');
  return pids.length === 0 ? ['the test runner itself'] : told;
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function titleOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return String(pid);
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {} // it has ended
}

function shown(file) {
  const { javascriptStack, libuv } = JSON.parse(readFileSync(file, 'utf8'));
  const keeps = libuv
    .filter((handle) => handle.is_active && handle.is_referenced)
    .map(({ type, pid, localEndpoint, remoteEndpoint, firesInMsFromNow }) =>
      [type, pid, localEndpoint?.port, remoteEndpoint?.port, firesInMsFromNow]
        .filter((each) => each !== undefined)
        .join(' '),
    );
  return [`kept by ${keeps.join(', ')}`, ...(javascriptStack.stack ?? [])].join('\n      ');
}

import { existsSync, readFileSync } from 'node:fs';
import { root, run } from './run.mjs';

/** `npm ci`, unless node_modules has just what package-lock.json asks for. Rejects when it fails. */
export async function installDependencies() {
  if (isCurrent()) return;
  console.log('setup: installing the npm packages (a minute or two the first time) ...');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--no-engine-strict']);
  if (!existsSync(`${root}/node_modules/node/bin/node`)) {
    await run('npm', ['rebuild', 'node', '--ignore-scripts=false']); // where npm is told not to run install scripts
  }
}

/** npm keeps a lockfile of what it has installed inside node_modules. */
function isCurrent() {
  if (!existsSync(`${root}/node_modules/node/bin/node`)) return false;
  const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(packagesIn);
  return Object.entries(wanted)
    .filter(([path, entry]) => path !== '' && !entry.optional && !entry.peer)
    .every(([path, entry]) => installed[path]?.version === entry.version);
}

function packagesIn(lockfile) {
  try {
    return JSON.parse(readFileSync(`${root}/${lockfile}`, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

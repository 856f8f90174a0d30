/**
 * Everything that `npm start`, `npm test` and `npm run bench` need, installed where it is missing, and the console built:
 *
 *   node scripts/setup.mjs start|test|bench|build
 *
 * Runs on the host's own Node.js (20.19 or newer) before there are dependencies, hence plain JavaScript.
 */
import { buildConsole } from './build-console.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { installSystemPackages } from './setup/system-packages.mjs';

const purpose = process.argv[2] ?? 'start';
// Side by side: the one mostly waits for the network, the other for the disk.
const installed = await Promise.allSettled([installDependencies(), installSystemPackages(purpose)]);
const steps = installed.every(({ status }) => status === 'fulfilled')
  ? await Promise.allSettled([buildConsole()])
  : installed;
for (const { reason } of steps.filter(({ status }) => status === 'rejected')) {
  console.error(`setup: ${reason.message}`);
  process.exitCode = 1;
}

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
try {
  installDependencies();
  installSystemPackages(purpose);
  await buildConsole();
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}

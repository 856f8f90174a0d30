/**
 * A node as `postern serve` runs it, for a measurement: prints its port, and stops with SIGTERM.
 *   node bench/serve.ts CONFIG
 */
import { once } from 'node:events';
import { loadConfig } from '../server/config.ts';
import { startServer } from '../server/start.ts';

const server = await startServer(loadConfig(process.argv[2] ?? ''));
console.log(server.port);
await once(process, 'SIGTERM');
await server.close();

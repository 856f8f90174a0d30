/**
 * A node as `bin/postern serve` runs it, for a measurement: prints its port, and stops with SIGTERM.
 *   node bench/serve.ts CONFIG
 */
import { once } from 'node:events';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

process.env.NODE_COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/postern'); // for its workers
enableCompileCache(process.env.NODE_COMPILE_CACHE);
const { loadConfig } = await import('../../server/config.ts');
const { startServer } = await import('../../server/start.ts');

const server = await startServer(loadConfig(process.argv[2] ?? ''));
console.log(server.port);
await once(process, 'SIGTERM');
await server.close();

/** Starts one server, says where, and then ends in the way it is told: `crash`, or whatever signal it gets. */
import { OwnPostgres } from '../../../server/embedded/postgres.ts';
import { OwnRedis } from '../../../server/embedded/redis.ts';

const [kind, end] = process.argv.slice(2);
const server = kind === 'redis' ? await OwnRedis.start() : await OwnPostgres.start();
process.stdout.write(`${JSON.stringify({ port: server.port, directory: server.directory })}\n`);
if (end === 'crash') throw new Error('crash');
setInterval(() => {}, 1000);

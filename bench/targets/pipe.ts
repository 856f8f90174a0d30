/**
 * A bare TCP pipe on loopback: what Node.js alone costs. Stops with its standard input, prints its port.
 *   node bench/pipe.ts TARGET_PORT
 */
import { connect, createServer, type Socket } from 'node:net';

const target = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
  join(client, upstream);
  join(upstream, client);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
process.stdin.on('end', () => process.exit(0)).resume();

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy());
}

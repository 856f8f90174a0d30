import { startPipe } from './pipe-process.ts';
import { startPgbouncer, startPgpool } from './poolers.ts';
import { type Connection, type PosternOptions, startPostern } from './postern-process.ts';

/** A way to the server that is measured. */
export interface Target {
  readonly name: string;
  readonly connection: Connection;
  /** The proxy's main process; null where there is none. */
  readonly pid: number | null;
  stop(): Promise<void>;
}

/** All but the first two are proxies; `pipe` is a bare TCP pipe in Node.js, which examines nothing. */
export const TARGETS: Readonly<
  Record<string, (server: Connection, options: PosternOptions) => Promise<Target>>
> = {
  direct: async (connection) => ({ name: 'direct', connection, pid: null, stop: async () => {} }),
  pgbouncer: (server) => startPgbouncer(server),
  pgpool: (server) => startPgpool(server),
  pipe: async (server) => {
    const pipe = await startPipe(server.port);
    return {
      name: 'pipe',
      connection: { ...server, port: pipe.port },
      pid: pipe.pid,
      stop: () => pipe.stop(),
    };
  },
  postern: async (server, options) => ({ name: 'postern', ...(await startPostern(server, options)) }),
};

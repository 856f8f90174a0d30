import { startPipe } from '../../bench/targets/pipe-process.ts';
import { startPostern } from '../../bench/targets/postern-process.ts';
import type { Connection } from './run-files.ts';

/** A way to the server, open for as long as one run takes. */
export interface Way {
  readonly connection: Connection;
  close(): Promise<void>;
}

export const openers: Readonly<Record<string, (server: Connection) => Promise<Way>>> = {
  direct: async (connection) => ({ connection, close: async () => {} }),
  pipe: async (connection) => {
    const pipe = await startPipe(connection.port);
    return { connection: { ...connection, port: pipe.port }, close: () => pipe.stop() };
  },
  postern: async (connection) => {
    const postern = await startPostern(connection, { grant: ['--allow', '*:*', '--connections', '100'] });
    return { connection: postern.connection, close: () => postern.stop() };
  },
};

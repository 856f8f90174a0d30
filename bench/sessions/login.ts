import type { Socket } from 'node:net';
import pg from 'pg';
import { serialize } from 'pg-protocol';
import { ReadyForQueryMessage } from 'pg-protocol/dist/messages.js';
import { TERMINATE } from '../../proxy/poison.ts';
import { authenticate } from '../../proxy/upstream/authenticate.ts';
import { ByteReader } from '../../proxy/upstream/byte-reader.ts';
import { MessageReader } from '../../proxy/upstream/message-reader.ts';
import { withUpstreamSocket } from '../../proxy/upstream/open-socket.ts';
import type { Connection } from '../targets/postern-process.ts';

const TIMEOUT_MS = 60_000;

/** One login to the first ReadyForQuery; `end` resolves when the session is over. */
export type Login = (to: Connection) => Promise<{ readonly end: () => Promise<void> }>;

/** As applications log in: the keys are derived from the password each time. */
export const nodePostgres: Login = async (to) => {
  const client = new pg.Client({ ...to });
  await client.connect();
  return { end: () => client.end() };
};

/** A client that keeps the keys of its password, as RFC 5802, section 3, lets it: next to nothing of a login is its own. */
export const keepingKeys: Login = async (to) => {
  const target = { ...to, tls: { mode: 'disable' } } as const;
  const socket = await withUpstreamSocket(
    target,
    { timeoutMs: TIMEOUT_MS, keepAliveMs: null },
    async (opened): Promise<Socket> => {
      const messages = new MessageReader(new ByteReader(opened));
      opened.write(serialize.startup({ user: to.user, database: to.database }));
      await authenticate(opened, messages, target);
      while (!((await messages.next()) instanceof ReadyForQueryMessage));
      return opened;
    },
  );
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    end: () => {
      socket.resume();
      socket.end(TERMINATE);
      return over;
    },
  };
};

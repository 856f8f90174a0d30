/** One server of each supported version, shared by the tests of a file: started at first use, stopped with the file. */
import type { ExecutionContext } from 'ava';
import { startPostgres } from '../../helpers/postgres.ts';
import type { Server } from '../servers.ts';

export const SUPPORTED = [13, 14, 15, 16, 17, 18] as const;

/** Holds reviewed lists against one server. */
export type LiveCheck = (t: ExecutionContext, server: Server, version: number) => Promise<void>;

const servers = new Map<number, Promise<Server>>();

export function liveServer(version: number): Promise<Server> {
  const known = servers.get(version);
  if (known !== undefined) return known;
  const starting = startPostgres({ version });
  servers.set(version, starting);
  return starting;
}

export async function stopLiveServers(): Promise<void> {
  for (const server of servers.values()) await (await server).stop();
}

/** The names that no supported version has. */
export async function foundNowhere(
  listed: readonly string[],
  present: (server: Server) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const missing = new Set(listed);
  for (const version of SUPPORTED)
    for (const name of await present(await liveServer(version))) missing.delete(name);
  return [...missing];
}

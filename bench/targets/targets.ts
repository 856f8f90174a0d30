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

type Open = (server: Connection, options: PosternOptions) => Promise<Target>;

/** Postern as `options` has it, but for what is given. */
const posternAs =
  (name: string, given: PosternOptions): Open =>
  async (server, options) => ({ name, ...(await startPostern(server, { ...options, ...given })) });

/**
 * All but the first are proxies. `pipe` is a bare TCP pipe in Node.js, which examines nothing. No switch turns parsing and
 * the trail off: `postern-off` forbids nothing and counts nothing down. `postern-model` has the risk model and its novelty
 * gate besides.
 */
export const TARGETS: Readonly<Record<string, Open>> = {
  direct: async (connection) => ({ name: 'direct', connection, pid: null, stop: async () => {} }),
  pgbouncer: (server) => startPgbouncer(server),
  pgpool: (server) => startPgpool(server),
  pipe: async (server) => {
    const { port, ...pipe } = await startPipe(server.port);
    return { name: 'pipe', connection: { ...server, port }, ...pipe };
  },
  'postern-off': posternAs('postern-off', {
    grant: ['--allow', '*:*', '--connections', 'none'],
    config: { mode: 'observe' },
  }),
  postern: posternAs('postern', {}),
  'postern-model': posternAs('postern-model', { config: { risk: {} } }),
};

/** One after another. @throws what the first that fails throws, with none left running */
export async function openTargets(
  openers: readonly Open[],
  server: Connection,
  options: PosternOptions,
): Promise<readonly Target[]> {
  const targets: Target[] = [];
  try {
    for (const open of openers) targets.push(await open(server, options));
    return targets;
  } catch (error) {
    await stopTargets(targets);
    throw error;
  }
}

export async function stopTargets(targets: readonly Target[]): Promise<void> {
  for (const target of targets) await target.stop();
}

/** The list, with another first each time: what the machine does beside meets all of them. */
export function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

import { startPostgres } from '../helpers/postgres.ts';

export type Server = Awaited<ReturnType<typeof startPostgres>>;

/** The PostgreSQL versions that the reviewed lists are held against. */
export const VERSIONS = [18, 15] as const;

/** Runs `use` on a private server of each version. */
export async function onEachVersion(use: (server: Server, version: number) => Promise<void>): Promise<void> {
  for (const version of VERSIONS) {
    const server = await startPostgres(version === 18 ? {} : { version });
    try {
      await use(server, version);
    } finally {
      await server.stop();
    }
  }
}

/** The values of the first column. */
export async function column(server: Server, sql: string, database?: string): Promise<readonly string[]> {
  const rows = await server.query(sql, database);
  return rows.map((row) => String(Object.values(row)[0]));
}

/** Names that stand on more than one list, or twice on one. */
export function repeated(lists: Iterable<readonly [string, readonly string[]]>): readonly string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const [, names] of lists) {
    for (const name of names) seen.has(name) ? twice.push(name) : seen.add(name);
  }
  return twice;
}

/** What connects by a grant. */
interface Connection {
  readonly token: string;
  readonly proxy: { readonly host: string; readonly port: number; readonly tls: boolean };
}

/** For a shell. INVARIANT: nothing in it ends the quotes: the name of a database may have any character. */
export function psqlLine(
  database: string,
  grant: string,
  { token, proxy: { host, port, tls } }: Connection,
): string {
  const name = encodeURIComponent(database).replaceAll("'", '%27');
  const at = host.includes(':') ? `[${host}]` : host;
  return `psql 'postgresql://${grant}:${token}@${at}:${port}/${name}${tls ? '?sslmode=require' : ''}'`;
}

/** What pgbench runs. `-S` is one SELECT by primary key, TPC-B five statements and a COMMIT. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly clients: number;
  readonly args: readonly string[];
  /** A script of our own, in pgbench's language, instead of its own ones. */
  readonly script?: string;
  /** Statements of a transaction of the script. */
  readonly statements: number;
  /** A mark was set for it: it is measured for longer. */
  readonly marked: boolean;
}

const CLIENTS = [1, 8, 64] as const;
const PROTOCOLS = ['prepared', 'simple', 'extended'] as const;
const MARKED = new Set([
  ...['select-prepared-1', 'select-simple-1', 'select-prepared-8', 'select-simple-8', 'tpcb-prepared-8'],
]);

const BATCH = 10;
/** libpq's pipeline mode. */
const PIPELINE = [
  ...Array.from({ length: BATCH }, (_, n) => `\\set aid${n} random(1, 100000)`),
  '\\startpipeline',
  ...Array.from({ length: BATCH }, (_, n) => `SELECT abalance FROM pgbench_accounts WHERE aid = :aid${n};`),
  '\\endpipeline',
].join('\n');

const scripts = [
  { kind: 'select', said: 'SELECT', args: ['-S'], statements: 1 },
  { kind: 'tpcb', said: 'TPC-B', args: [], statements: 7 },
];

const usual = scripts.flatMap(({ kind, said, args, statements }) =>
  CLIENTS.flatMap((clients) =>
    PROTOCOLS.map((protocol): Workload => {
      const name = `${kind}-${protocol}-${clients}`;
      const news = kind === 'select' && protocol === 'simple' ? ' (every text is new)' : '';
      const title = `${said}, ${protocol}${news}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      const how = { clients, args: [...args, '-M', protocol], statements };
      return { name, title, ...how, marked: MARKED.has(name) };
    }),
  ),
);

export const WORKLOADS: readonly Workload[] = [
  ...usual.filter(({ marked, clients }) => marked && clients > 1),
  ...usual.filter(({ marked, clients }) => marked && clients === 1),
  ...usual.filter(({ marked }) => !marked),
  {
    name: 'pipelined-8',
    title: `${BATCH} SELECTs in one pipeline, prepared, 8 clients (a transaction is a batch)`,
    ...{ clients: 8, args: ['-M', 'prepared'], script: PIPELINE, statements: BATCH, marked: false },
  },
  {
    name: 'connect-8',
    title: 'Connect (SCRAM), one simple SELECT, disconnect, 8 clients',
    ...{ clients: 8, args: ['-S', '-C', '-M', 'simple'], statements: 1, marked: false },
  },
];

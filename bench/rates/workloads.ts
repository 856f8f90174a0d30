/** What pgbench runs. Scripts are pgbench's own: `-S` is one SELECT by primary key, TPC-B five statements and a COMMIT. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly clients: number;
  readonly args: readonly string[];
}

const PROTOCOLS = ['prepared', 'simple', 'extended'] as const;

const selects = [1, 8].flatMap((clients) =>
  PROTOCOLS.map((protocol): Workload => {
    const title = `SELECT, ${protocol}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
    return { name: `select-${protocol}-${clients}`, title, clients, args: ['-S', '-M', protocol] };
  }),
);

export const WORKLOADS: readonly Workload[] = [
  ...selects,
  { name: 'tpcb-prepared-8', title: 'TPC-B, prepared, 8 clients', clients: 8, args: ['-M', 'prepared'] },
];

import type { machineSetting } from '../setting.ts';
import type { LoopDelay } from '../targets/loop-delay.ts';

/** Latencies in ms of the client of short statements. */
export interface LatencyRow {
  readonly target: string;
  /** Whose statements of a megabyte run meanwhile; `refused`: by Postern, for their scope. */
  readonly beside: 'nobody' | 'refused' | 'run';
  /** So many of them. */
  readonly statements: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of Postern. */
  readonly loop: LoopDelay | null;
}

export function longStatementsPage(
  { at, machine, load, node }: ReturnType<typeof machineSetting>,
  plan: { readonly clients: number; readonly seconds: number; readonly bytes: number },
  rows: readonly LatencyRow[],
): string {
  return `# Short statements beside long ones

\`npm run bench:long\`, ${at}. Node.js ${node}, on ${machine}; load average at the start ${load}.

One client sends short prepared statements for ${plan.seconds} s, alone and beside ${plan.clients} clients that send statements of
${plan.bytes.toLocaleString('en')} bytes as fast as they are answered: out of scope, so that Postern refuses them, or to be run. All of it
is on this machine: where statements run, PostgreSQL competes for the cores too, which the rows of *direct* show (there
*refused* ones fail in PostgreSQL, for want of the table). Postern has one worker process.

${table(rows)}

*Times* is the p99 over that of the row with nobody beside. *Loop* is how late a timer of 1 ms in Postern was, that included,
and *waited* how long its main thread could have run while others had the cores.
`;
}

function table(rows: readonly LatencyRow[]): string {
  const head = [
    ...['', 'beside', 'statements', 'p50 ms', 'p99 ms', 'times', 'max ms'],
    ...['loop p99 ms', 'loop max ms', 'waited ms'],
  ];
  const lines = rows.map((row) => {
    const alone = rows.find(({ target, beside }) => target === row.target && beside === 'nobody');
    const { loop } = row;
    const loops = loop === null ? ['', '', ''] : [ms(loop.p99), ms(loop.max), loop.waited.toFixed(0)];
    const times = alone === undefined || alone === row ? '' : (row.p99 / alone.p99).toFixed(1);
    const own = [row.target, row.beside, `${row.statements}`, ms(row.p50), ms(row.p99), times, ms(row.max)];
    return [...own, ...loops];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|---|---|${'--:|'.repeat(head.length - 2)}`, ...lines.map(line)].join('\n');
}

const ms = (value: number): string => value.toFixed(2);

import { median, spread } from '../figures/statistics.ts';
import type { machineSetting } from '../setting.ts';

export interface BulkSample {
  readonly work: 'select' | 'copy out' | 'copy in';
  readonly target: string;
  /** From 1. */
  readonly round: number;
  /** MB (10^6 bytes) of the protocol a second. */
  readonly rate: number;
  /** The proxy's user and system time, in seconds. */
  readonly cpuPerGigabyte: number;
  /** MiB at the most, over what the proxy had before. */
  readonly memoryOverIdle: number;
}

interface BulkPlan {
  readonly rounds: number;
  readonly rows: number;
  readonly megabytes: number;
}

export function bulkPage(
  setting: ReturnType<typeof machineSetting>,
  plan: BulkPlan,
  samples: readonly BulkSample[],
): string {
  const works = Map.groupBy(samples, ({ work }) => work);
  const sections = [...works].map(([work, of]) => `## ${title(work, plan)}\n\n${table(of)}`);
  return `# Much data through one session

\`npm run bench:bulk\`, ${setting.at}. Node.js ${setting.node}, on ${setting.machine}; load average at the start ${setting.load}.
Everything runs on this machine over loopback, rows of about a hundred bytes. Medians of ${plan.rounds} rounds, each of
which takes all targets in turn; ± is the largest distance from the median; ratios are taken within a round. Whoever reads
counts bytes and no more. CPU is the proxy's; memory is at the most over what the proxy had before, shared pages counted
once. \`pipe\` is a bare TCP pipe in Node.js, which examines nothing.

${sections.join('\n\n')}
`;
}

function title(work: BulkSample['work'], { rows, megabytes }: BulkPlan): string {
  if (work === 'select') return `SELECT of ${rows.toLocaleString('en')} rows`;
  return `COPY ${work === 'copy out' ? 'TO STDOUT' : 'FROM STDIN'} of ${megabytes.toLocaleString('en')} MB`;
}

function table(samples: readonly BulkSample[]): string {
  const head = '| | MB/s | ± | of direct | CPU s/GB | MiB over idle |\n|---|--:|--:|--:|--:|--:|';
  const rows = [...Map.groupBy(samples, ({ target }) => target)].map(([target, of]) => {
    const ratios = of.flatMap(({ round, rate }) => {
      const direct = samples.find((each) => each.target === 'direct' && each.round === round);
      return direct === undefined ? [] : [rate / direct.rate];
    });
    const rates = of.map(({ rate }) => rate);
    const proxy =
      target === 'direct'
        ? ['', '']
        : [
            median(of.map(({ cpuPerGigabyte }) => cpuPerGigabyte)).toFixed(2),
            Math.max(...of.map(({ memoryOverIdle }) => memoryOverIdle)).toFixed(0),
          ];
    const cells = [target, median(rates).toFixed(0), `${(spread(rates) * 100).toFixed(0)} %`];
    return `| ${[...cells, ratios.length === 0 ? '' : median(ratios).toFixed(2), ...proxy].join(' | ')} |`;
  });
  return [head, ...rows].join('\n');
}

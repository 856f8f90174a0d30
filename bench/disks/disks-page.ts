import type { Page } from '../part.ts';
import type { Plan } from '../plan.ts';
import { bars } from '../plots/bars.ts';
import type { Sample } from '../rates/measure.ts';
import { type Row, summarise } from '../rates/summary.ts';
import type { Workload } from '../rates/workloads.ts';
import { fixed, table } from '../table.ts';
import type { Disk } from './disks.ts';
import { SLOW_MS } from './slow.ts';

const SAID: Readonly<Record<Disk, string>> = {
  'no sync': '`audit.fsync: never`, the default: written before the statement leaves, synced by the system',
  'in memory': '`commit`, on a file system in memory',
  'this disk': '`commit`, on the disk of this machine',
  'slow disk': `\`commit\`, on the same disk with ${SLOW_MS} ms more for each fdatasync`,
};

/** @param sync ms of one fdatasync on this disk */
export function disksPage(
  workloads: readonly Workload[],
  samples: readonly Sample[],
  sync: number,
  plan: Plan,
): Page {
  const disks = Object.keys(SAID);
  const rows = summarise(samples, disks);
  const measured = workloads.filter(({ name }) => rows.some(({ workload }) => workload === name));
  const of = (name: string) => rows.filter(({ workload }) => workload === name);
  const sections = measured.map(({ name, title }) => `## ${title}\n\n${disksTable(of(name))}`);
  return {
    markdown: `Postern with its spool on disks of several speeds; medians of ${plan.minorRounds} rounds of ${plan.minorSeconds} s. One fdatasync on this disk took ${fixed(sync, 2)} ms by
itself. With \`commit\` a statement is forwarded once its event is on disk; who asks while a sync runs shares the next, so
that many clients wait for few syncs.

${Object.entries(SAID)
  .map(([disk, said]) => `- *${disk}*: ${said}`)
  .join('\n')}

![rates](disks.svg)

${sections.join('\n\n')}`,
    plots: {
      'disks.svg': bars({
        title: 'Transactions a second, as a fraction of what there is without a sync',
        label: '',
        groups: measured.map(({ name, title }) => ({
          title,
          bars: of(name).map(({ target, tps }) => {
            const fraction = tps / (of(name)[0]?.tps ?? Number.NaN);
            return { series: target, value: fraction, text: `${fixed(fraction, 2)}  (${fixed(tps)})` };
          }),
        })),
      }),
    },
    data: { sync, rows, samples },
    marks: [],
  };
}

function disksTable(rows: readonly Row[]): string {
  return table(
    ['', 'tps', 'p50 ms', 'p95', 'p99', 'user µs', 'system µs'],
    rows.map(({ target, tps, latency, user, system }) => [
      ...[target, fixed(tps), ...[latency.p50, latency.p95, latency.p99].map((ms) => fixed(ms, 3))],
      ...[fixed(user), fixed(system)],
    ]),
  );
}

import { isMet, type Mark } from './part.ts';
import type { Kept } from './results.ts';
import { fixed, table } from './table.ts';

const VERDICTS = new Map([
  [true, 'met'],
  [false, '**not met**'],
  [null, 'not measured'],
]);

/** Every mark beside what was measured, then what each part found. Links are from the results' directory. */
export function frontPage(parts: readonly Kept[]): string {
  const sections = parts.map(
    ({ name, title, setting, quick, findings }) =>
      `- [${title}](${name}/report.md), ${setting.at.slice(0, 16).replace('T', ' ')} UTC, load average before it ${setting.load.split(' ')[0]}${quick ? ' (a quick run)' : ''}${findings.map((finding) => `\n  - ${finding}`).join('')}`,
  );
  const { machine = '', node = '' } = parts[0]?.setting ?? {};
  return `# Benchmark

\`npm run bench\`, on ${machine}, Node.js ${node}. Method, targets and how to run it again: [the benchmark](../../docs/benchmark.md).
What grows with what: [docs/scaling.md](../../docs/scaling.md). Where the time goes: [docs/flame-graphs.md](../../docs/flame-graphs.md).

## Marks

All controls are on, the novelty gate of the risk model too. Each is the median of rounds that take all targets in turn.

${marksTable(parts)}

## Parts

A load average far above 0 tells that others had the machine too: then only ratios mean anything, and little.

${sections.join('\n')}
`;
}

export function marksTable(parts: readonly Kept[]): string {
  const rows = parts.flatMap(({ name, marks }) =>
    marks.map((mark) => [
      `[${mark.subject}](${name}/report.md)`,
      `${mark.relation} ${said(mark.asked, mark)}`,
      mark.measured === null ? '' : said(mark.measured, mark),
      VERDICTS.get(isMet(mark)) as string,
    ]),
  );
  return table(['', 'mark', 'measured', ''], rows, 4);
}

function said(value: number, { unit }: Mark): string {
  return `${fixed(value, unit.startsWith('x ') || unit === 'ms' ? 2 : 0)} ${unit}`;
}

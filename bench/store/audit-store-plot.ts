import { type Bar, bars } from '../plots/bars.ts';
import type { QuestionRow } from './audit-store-page.ts';

/** Medians by page, each with a line to p99. */
export function auditStorePlot(rows: readonly QuestionRow[]): string {
  const pages = [...new Set(rows.map(({ page }) => page))];
  return bars({
    title: 'How long the audit store takes to answer',
    label: 'ms',
    names: 240,
    groups: pages.map((page) => ({
      title: page,
      bars: rows.filter((row) => row.page === page).map(barOf),
    })),
  });
}

const barOf = ({ what, p50, p99 }: QuestionRow): Bar => ({
  series: 'postern',
  name: what,
  value: p50,
  range: [p50, p99],
  text: `${shown(p50)}  (${shown(p99)})`,
});

const shown = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

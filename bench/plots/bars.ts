import type { Row } from '../rates/summary.ts';
import type { Workload } from '../rates/workloads.ts';

const COLOURS: Readonly<Record<string, string>> = {
  direct: '#9aa5b1',
  pgbouncer: '#5b8def',
  pgpool: '#c58af9',
  pipe: '#b8c4d0',
  postern: '#e4572e',
};
const [LABEL, WIDTH, BAR, GAP, TOP] = [200, 520, 16, 22, 36];

/** Rates as horizontal bars, as fractions of direct, grouped by workload. */
export function bars(workloads: readonly Workload[], rows: readonly Row[]): string {
  const parts: string[] = [];
  let y = TOP;
  for (const { name, title } of workloads) {
    parts.push(text(0, y + BAR - 4, title, 'font-weight="600"'));
    y += BAR + 4;
    for (const row of rows.filter((each) => each.workload === name)) {
      parts.push(bar(row, y));
      y += BAR + 2;
    }
    y += GAP;
  }
  const style = 'font-family="system-ui, sans-serif" font-size="12" fill="#24292f"';
  const title = text(0, 18, 'Transactions a second, as a fraction of a direct connection', 'font-size="14"');
  const view = `viewBox="-12 0 ${LABEL + WIDTH + 120} ${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view} ${style}>\n<rect x="-12" width="100%" height="100%" fill="#fff"/>\n${title}\n${parts.join('\n')}\n</svg>\n`;
}

function bar(row: Row, y: number): string {
  const width = (Math.min(row.toDirect, 1.2) * WIDTH) / 1.2;
  const rect = `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${COLOURS[row.target] ?? '#888'}"/>`;
  const value = `${row.toDirect.toFixed(2)}  (${Math.round(row.tps).toLocaleString('en')})`;
  return `${text(12, y + BAR - 4, row.target)}${rect}${text(LABEL + width + 6, y + BAR - 4, value)}`;
}

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y}" ${more}>${content}</text>`;

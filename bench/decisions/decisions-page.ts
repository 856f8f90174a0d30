import type { machineSetting } from '../setting.ts';
import type { RefreshRow } from './catalog-refresh.ts';
import type { DecisionRow } from './decision-times.ts';

export function decisionsPage(
  { at, machine, load, node }: ReturnType<typeof machineSetting>,
  decisions: readonly DecisionRow[],
  refreshes: readonly RefreshRow[],
): string {
  return `# What a decision costs

\`npm run bench:decisions\`, ${at}. Node.js ${node}, on ${machine}; load average at the start ${load}.

${decisionSections(decisions, refreshes)}
`;
}

/** Markdown from the second level on. */
export function decisionSections(
  decisions: readonly DecisionRow[],
  refreshes: readonly RefreshRow[],
): string {
  const intro = `A text that the process knows is *cached*; one that differs from others in constants only is decided as they are; one of a
new form is parsed, taken apart, decided and redacted.
Times are those of \`SessionGuard.examine\`, over the catalog of a live database.`;
  return [intro, '## Decisions', decisionTable(decisions), '## The catalog', refreshTable(refreshes)].join(
    '\n\n',
  );
}

function decisionTable(rows: readonly DecisionRow[]): string {
  return table(
    [
      'relations',
      'lines of scope',
      'statement',
      'cached, µs',
      'other constants, median µs',
      'new form, median µs',
      'p99 µs',
    ],
    rows.map((row) => [
      row.relations.toLocaleString('en'),
      row.lines.toLocaleString('en'),
      row.statement,
      row.cached.toFixed(2),
      row.constants.toFixed(1),
      row.uncached.toFixed(1),
      row.uncachedP99.toFixed(0),
    ]),
  );
}

/** One look is taken every two seconds in use; what has changed of the catalog is loaded in the same transaction. */
function refreshTable(rows: readonly RefreshRow[]): string {
  return table(
    [
      'relations',
      'look, nothing committed, ms',
      'look, something committed, ms',
      'first load, ms',
      'after CREATE TABLE, ms',
      'after CREATE VIEW, ms',
      'after CREATE FUNCTION, ms',
      'event loop blocked at most, ms',
      'CPU time of the longest turn, ms',
      'event loop busy meanwhile',
      'heap, MiB',
      'buffers, MiB',
    ],
    rows.map((row) => [
      row.relations.toLocaleString('en'),
      row.quietLook.toFixed(1),
      row.busyLook.toFixed(1),
      row.load.toFixed(0),
      row.reloads.table.toFixed(0),
      row.reloads.view.toFixed(0),
      row.reloads.function.toFixed(0),
      row.blocked.toFixed(1),
      row.longestTurn.toFixed(1),
      `${(row.busy * 100).toFixed(0)} %`,
      row.heap.toFixed(1),
      row.buffers.toFixed(1),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map((_, i) => (i === 2 ? '---|' : '--:|')).join('')}`, ...rows.map(line)].join(
    '\n',
  );
}

/** A report on scores: Markdown for people, JSON for programs, SVG for curves. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionFigures, ShareOf, StatementFigures } from './figures.ts';
import type { Latency } from './latency.ts';
import { calibrationLine, type Plot, precisionLine, rocLine, svgOf } from './plots.ts';

export interface Report {
  readonly title: string;
  /** Sentences about what was measured, and what is to be kept in mind. */
  readonly notes: readonly string[];
  readonly statements: StatementFigures | null;
  readonly sessions: SessionFigures | null;
  readonly latency: Latency | null;
}

/** Writes report.md, report.json and the curves; gives the paths. */
export async function writeReport(folder: string, report: Report): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files = { 'report.md': markdownOf(report), 'report.json': jsonOf(report), ...plotsOf(report) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return Object.keys(files).map((name) => join(folder, name));
}

function plotsOf({ statements, sessions }: Report): Readonly<Record<string, string>> {
  const curves = [
    ...(statements === null ? [] : [{ name: 'statements', curve: statements.curve }]),
    ...(sessions === null ? [] : [{ name: 'sessions', curve: sessions.curve }]),
  ];
  const roc: Omit<Plot, 'lines'> = {
    title: 'What is found, and what it costs (ROC)',
    x: 'false alarms, of what is harmless',
    y: 'recall',
    scale: 'logarithmic',
  };
  const precision = { title: 'Precision and recall', x: 'recall', y: 'precision' };
  const calibration = { title: 'Calibration', x: 'score', y: 'share that is bad', dotted: true };
  const perfect = { name: 'perfect', points: [[0, 0] as const, [1, 1] as const] };
  return {
    'roc.svg': svgOf({ ...roc, lines: curves.map(({ name, curve }) => rocLine(name, curve)) }),
    'precision-recall.svg': svgOf({
      ...precision,
      lines: curves.map(({ name, curve }) => precisionLine(name, curve)),
    }),
    ...(statements === null
      ? {}
      : {
          'calibration.svg': svgOf({
            ...calibration,
            lines: [perfect, calibrationLine('statements', statements.calibration)],
          }),
        }),
  };
}

function jsonOf({ statements, sessions, ...rest }: Report): string {
  const bare = <Figures extends { readonly curve: unknown }>(figures: Figures | null) =>
    figures === null ? null : { ...figures, curve: undefined };
  return `${JSON.stringify({ ...rest, statements: bare(statements), sessions: bare(sessions) }, null, 2)}\n`;
}

export function markdownOf({ title, notes, statements, sessions, latency }: Report): string {
  const parts = [
    `# ${title}`,
    notes.map((note) => `* ${note}`).join('\n'),
    ...(statements === null ? [] : statementParts(statements)),
    ...(sessions === null ? [] : sessionParts(sessions)),
    ...(latency === null ? [] : latencyParts(latency)),
    `![ROC](roc.svg) ![Precision and recall](precision-recall.svg)${statements === null ? '' : ' ![Calibration](calibration.svg)'}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function statementParts(figures: StatementFigures): readonly string[] {
  return [
    '## Statements',
    `${figures.count} statements, ${figures.bad} of them bad; what the text alone does not settle is left out here.`,
    table(
      ['measure', 'value'],
      [
        ['AUROC', figures.auroc.toFixed(4)],
        ['average precision', figures.averagePrecision.toFixed(4)],
        ['recall at 1 % false alarms', percent(figures.recallAt1Percent)],
        ['recall at 0.1 % false alarms', percent(figures.recallAtTenthPercent)],
        ['false alarms among hard harmless ones, at the 1 % threshold', percent(figures.hardFalseAlarms)],
        ['calibration error (ECE)', figures.calibrationError.toFixed(4)],
        ['Brier score', figures.brier.toFixed(4)],
      ],
    ),
    '### Recall by family, at 1 % false alarms',
    shares('family', figures.families),
    '### False alarms by kind, at 1 % over all',
    shares('kind', figures.kinds),
    ...(figures.contextual.length === 0
      ? []
      : [
          '### Families that only context settles, at the same threshold',
          shares('family', figures.contextual),
        ]),
    '### Calibration',
    table(
      ['statements', 'mean score', 'share that is bad'],
      figures.calibration.map(({ count, score, bad }) => [String(count), score.toFixed(3), bad.toFixed(3)]),
    ),
  ];
}

function sessionParts(figures: SessionFigures): readonly string[] {
  return [
    '## Sessions',
    `${figures.count} sessions, ${figures.bad} of them bad.`,
    table(
      ['measure', 'value'],
      [
        ['AUROC', figures.auroc.toFixed(4)],
        ['recall at 5 % false alarms', percent(figures.recallAt5Percent)],
        ['recall at 1 % false alarms', percent(figures.recallAt1Percent)],
        ['statements past the turn until detection (median)', String(figures.medianDelay ?? 'none detected')],
        ['detected before the turn', String(figures.early)],
        ['harmless sessions that would be ended', String(figures.harmlessEnded)],
        ['bad sessions that would be ended', String(figures.badEnded)],
        ['calibration error (ECE)', figures.calibrationError.toFixed(4)],
        [
          'precision at 1 bad session in 10,000, at that threshold',
          percent(atBaseRate(figures.recallAt5Percent, 0.05)),
        ],
      ],
    ),
    '### Recall by scenario, at 5 % false alarms',
    shares('scenario', figures.scenarios),
    '### False alarms by scenario, at 5 % over all',
    shares('scenario', figures.falseAlarms),
  ];
}

function latencyParts(latency: Latency): readonly string[] {
  const micros = (value: number) => `${value.toFixed(0)} µs`;
  return [
    '## Latency',
    table(
      ['per statement, one thread', 'p50', 'p95', 'p99'],
      [['parse, features, score, reasons', micros(latency.p50), micros(latency.p95), micros(latency.p99)]],
    ),
    `${latency.statements} statements, the fastest of five runs of each; p99 without reasons ${micros(latency.withoutReasonsP99)}.`,
  ];
}

const BASE_RATE = 1e-4;

const atBaseRate = (recall: number, falseAlarms: number): number =>
  (recall * BASE_RATE) / (recall * BASE_RATE + falseAlarms * (1 - BASE_RATE));

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;

const shares = (head: string, list: readonly ShareOf[]): string =>
  table(
    [head, 'count', 'share'],
    list.map(({ name, count, share }) => [name, String(count), percent(share)]),
  );

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

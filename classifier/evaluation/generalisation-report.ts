/** How far scores fall on what is new, for people: beside the report of a model. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatementFigures } from './figures.ts';
import type { Generalisation, LeftOut } from './generalisation.ts';

/** Writes generalisation.md and generalisation.json; gives the paths. */
export async function writeGeneralisation(
  folder: string,
  figures: Generalisation,
): Promise<readonly string[]> {
  const bare = (of: StatementFigures) => ({ ...of, curve: undefined });
  const json = { ...figures, statements: bare(figures.statements), withoutOwn: bare(figures.withoutOwn) };
  const files = {
    'generalisation.md': generalisationMarkdown(figures),
    'generalisation.json': `${JSON.stringify(json, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return Object.keys(files).map((name) => join(folder, name));
}

export function generalisationMarkdown(figures: Generalisation): string {
  const { trees, statements, withoutOwn } = figures;
  const row = (what: string, figure: (of: StatementFigures) => string) =>
    `| ${what} | ${figure(statements)} | ${figure(withoutOwn)} |`;
  const parts = [
    '# What is new to the model',
    `Models of ${trees} trees were trained anew without each source, technique and scenario, and scored just that. Calibration and thresholds come from the rest alone, by folds within it: nothing was chosen on what is scored here. Features, what they are judged to be worth before anything is learnt, and the statements that the project itself has written to train on, were worked on with all of the data in view; the second column does without the latter (and where the tool that most attacks are from is left out, without most of the attacks).`,
    '## Statements of sources that were left out',
    [
      '| measure | value | without the own training set |',
      '| --- | --- | --- |',
      row('AUROC', ({ auroc }) => auroc.toFixed(4)),
      row('recall at 1 % false alarms', ({ recallAt1Percent }) => percent(recallAt1Percent)),
      row('recall at 0.1 % false alarms', ({ recallAtTenthPercent }) => percent(recallAtTenthPercent)),
      row('false alarms among hard harmless ones', ({ hardFalseAlarms }) => percent(hardFalseAlarms)),
      row('calibration error (ECE)', ({ calibrationError }) => calibrationError.toFixed(4)),
    ].join('\n'),
    '## Recall by source of attacks that was left out',
    AT_STATEMENTS,
    table('source', figures.badSources),
    '## Recall by technique that was left out',
    `No example of the technique was trained on, of any source. ${AT_STATEMENTS}`,
    table('technique', figures.techniques),
    '## False alarms by harmless source that was left out',
    AT_STATEMENTS,
    table('source', [...figures.harmlessSources].reverse()),
    ...(figures.badScenarios.length === 0 ? [] : scenarioParts(figures)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const AT_STATEMENTS = 'At the threshold that 1 % of the harmless statements of the other sources reach.';
const AT_SESSIONS = 'At the threshold that 5 % of the harmless sessions of the other scenarios reach.';

const scenarioParts = ({ badScenarios, harmlessScenarios }: Generalisation): readonly string[] => [
  '## Recall by scenario that was left out',
  AT_SESSIONS,
  table('scenario', badScenarios),
  '## False alarms by harmless scenario that was left out',
  AT_SESSIONS,
  table('scenario', [...harmlessScenarios].reverse()),
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function table(head: string, rows: readonly LeftOut[]): string {
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  const alarms = rows.reduce((sum, row) => sum + row.alarms, 0);
  return [
    `| ${head} | count | alarms | share |`,
    '| --- | --- | --- | --- |',
    ...[...rows, { name: 'all', count: all, alarms }].map(
      (row) =>
        `| ${row.name} | ${row.count} | ${row.alarms} | ${percent(row.alarms / Math.max(1, row.count))} |`,
    ),
  ].join('\n');
}

/** The report of an evaluation, as Markdown and JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Judged, type TriageFigures, triageFigures } from './evaluate-triage.ts';
import { DECISIONS } from './request.ts';

export interface TriageReport {
  readonly note: string;
  readonly all: TriageFigures;
  readonly byLanguage: Readonly<Record<string, TriageFigures>>;
  readonly byIntent: Readonly<Record<string, TriageFigures>>;
  /** Microseconds. */
  readonly latency: { readonly p50: number; readonly p99: number };
}

export function triageReport(
  all: readonly Judged[],
  note: string,
  latency: TriageReport['latency'],
): TriageReport {
  const by = (key: (each: Judged) => string) =>
    Object.fromEntries(
      [...Map.groupBy(all, key)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, some]) => [name, triageFigures(some)]),
    );
  return {
    note,
    all: triageFigures(all),
    byLanguage: by(({ example }) => example.language),
    byIntent: by(({ example }) => example.intents[0] as string),
    latency,
  };
}

/** Returns the files. */
export function writeTriageReport(folder: string, report: TriageReport): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const files = [join(folder, 'report.md'), join(folder, 'report.json')] as const;
  writeFileSync(files[0], markdownOf(report));
  writeFileSync(files[1], `${JSON.stringify(report, null, 1)}\n`);
  return files;
}

function markdownOf({ note, all, byLanguage, byIntent, latency }: TriageReport): string {
  return `# Triage on labelled requests

${note}

| | |
|---|---|
| requests | ${all.requests} |
| decision as labelled | ${percent(all.decision)} |
| first intent as labelled | ${percent(all.topIntent)} |
| first intent among those of the label | ${percent(all.anyIntent)} |
| risk as labelled | ${percent(all.risk)} |
| actions as labelled | ${percent(all.actions)} |
| relations exactly as labelled, of ${all.scopes} that name them | ${percent(all.scope)} |
| labelled deny and auto-approved | ${all.deniedAutoApproved} |
| labelled needs_review and auto-approved | ${percent(all.reviewedAutoApproved)} |
| time a request, p50 and p99, each the fastest of five runs | ${latency.p50} µs, ${latency.p99} µs |

## Outcomes

| label | ${DECISIONS.join(' | ')} |
|---|${DECISIONS.map(() => '---').join('|')}|
${DECISIONS.map((label) => `| ${label} | ${DECISIONS.map((decision) => all.outcomes[label][decision]).join(' | ')} |`).join('\n')}

## By language

${tableOf(byLanguage)}

## By first intent

${tableOf(byIntent)}
`;
}

const tableOf = (groups: Readonly<Record<string, TriageFigures>>): string =>
  [
    '| | requests | decision | first intent | relations |',
    '|---|---|---|---|---|',
    ...Object.entries(groups).map(
      ([name, figures]) =>
        `| ${name} | ${figures.requests} | ${percent(figures.decision)} | ${percent(figures.topIntent)} | ${figures.scopes === 0 ? '' : percent(figures.scope)} |`,
    ),
  ].join('\n');

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export interface FileResult {
  readonly name: string;
  readonly identical: boolean;
  /** `diff` of the two outputs; empty when identical. */
  readonly diff: string;
}

const EXCERPT_LINES = 12;
const COMMON_ERRORS = 30;

export function summaryOf(results: readonly FileResult[]): string {
  return `${results.filter((result) => result.identical).length} of ${results.length} files identical`;
}

/** The run as a Markdown page. */
export function markdownOf(title: string, results: readonly FileResult[]): string {
  const different = results.filter((result) => !result.identical);
  const page = [
    `# ${title}`,
    `${summaryOf(results)}. Lines with \`<\` are direct, lines with \`>\` through the proxy.`,
  ];
  if (different.length > 0)
    page.push(fileTable(different), '## Errors only through the proxy', errorTable(different));
  for (const { name, diff } of different) page.push(`### ${name}`, `\`\`\`diff\n${excerpt(diff)}\n\`\`\``);
  return `${page.join('\n\n')}\n`;
}

export const changedLines = (diff: string): number =>
  diff.split('\n').filter((line) => /^[<>]/.test(line)).length;

function fileTable(results: readonly FileResult[]): string {
  const rows = results.map(
    ({ name, diff }) => `| ${name} | ${changedLines(diff)} | ${cell(firstCause(diff))} |`,
  );
  return `| file | lines | first difference |\n|---|--:|---|\n${rows.join('\n')}`;
}

/** What the proxy refuses, and what follows from that, by how often it is printed. */
function errorTable(results: readonly FileResult[]): string {
  const errors = results.flatMap(({ name, diff }) =>
    [...diff.matchAll(/^> ((?:ERROR|FATAL): .*)$/gm)].map((match) => ({ name, text: match[1] ?? '' })),
  );
  const rows = [...Map.groupBy(errors, ({ text }) => text)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, COMMON_ERRORS)
    .map(([text, all]) => `| ${all.length} | ${new Set(all.map(({ name }) => name)).size} | ${cell(text)} |`);
  return `| times | files | error |\n|--:|--:|---|\n${rows.join('\n')}`;
}

const firstCause = (diff: string): string => /^> (.*)$/m.exec(diff)?.[1] ?? /^< (.*)$/m.exec(diff)?.[1] ?? '';

const cell = (text: string): string => text.slice(0, 120).replaceAll('|', '\\|');

function excerpt(diff: string): string {
  const lines = diff.trimEnd().split('\n');
  const more = lines.length > EXCERPT_LINES ? [`... ${lines.length - EXCERPT_LINES} more`] : [];
  return [...lines.slice(0, EXCERPT_LINES), ...more].join('\n');
}

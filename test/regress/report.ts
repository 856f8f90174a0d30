export interface FileResult {
  readonly name: string;
  readonly identical: boolean;
  /** `diff` of the two outputs; empty when identical. */
  readonly diff: string;
}

const EXCERPT_LINES = 12;

export function summaryOf(results: readonly FileResult[]): string {
  return `${results.filter((result) => result.identical).length} of ${results.length} files identical`;
}

/** The run as a Markdown page. */
export function markdownOf(title: string, results: readonly FileResult[]): string {
  const different = results.filter((result) => !result.identical);
  const rows = different.map(
    (result) => `| ${result.name} | ${changedLines(result.diff)} | ${firstCause(result.diff)} |`,
  );
  const excerpts = different.map(({ name, diff }) => `### ${name}\n\n\`\`\`diff\n${excerpt(diff)}\n\`\`\``);
  return [
    `# ${title}`,
    `${summaryOf(results)}. Lines with \`<\` are direct, lines with \`>\` through the proxy.`,
    ...(different.length > 0
      ? [`| file | lines | first difference |\n|---|---|---|\n${rows.join('\n')}`]
      : []),
    ...excerpts,
  ]
    .join('\n\n')
    .concat('\n');
}

export const changedLines = (diff: string): number =>
  diff.split('\n').filter((line) => /^[<>]/.test(line)).length;

const firstCause = (diff: string): string =>
  (/^> (.*)$/m.exec(diff)?.[1] ?? /^< (.*)$/m.exec(diff)?.[1] ?? '').slice(0, 120).replaceAll('|', '\\|');

function excerpt(diff: string): string {
  const lines = diff.trimEnd().split('\n');
  const more = lines.length > EXCERPT_LINES ? [`... ${lines.length - EXCERPT_LINES} more`] : [];
  return [...lines.slice(0, EXCERPT_LINES), ...more].join('\n');
}

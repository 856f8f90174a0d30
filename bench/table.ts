/** A table in Markdown; columns hold numbers, but for the first `words`. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], words = 1): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, at) => (at < words ? '---|' : '--:|')).join('')}`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Nothing for what was not measured. */
export const fixed = (value: number, digits = 0): string =>
  Number.isFinite(value)
    ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : '';

/** A fraction, as a percentage. */
export const percent = (value: number): string => (Number.isFinite(value) ? `${fixed(value * 100)} %` : '');

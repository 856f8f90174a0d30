import type { SpooledEvent } from './events.ts';

export type ExportFormat = 'ndjson' | 'csv';

/** Columns of the CSV form, in order; members of an event that are not among them are only in the NDJSON form. */
export const CSV_COLUMNS = [
  'at',
  'node',
  'seq',
  'type',
  'session',
  'grant',
  'principal',
  'database',
  'client',
  'application',
  'statement',
  'decision',
  'sql',
  'tags',
  'needs',
  'reasons',
  'tag',
  'rows',
  'bytes',
  'durationMs',
  'sqlstate',
  'cut',
  'cause',
  'reason',
  'message',
  'by',
  'hash',
] as const;

/** The events as text, ready to be written, line by line. */
export async function* exportEvents(
  events: AsyncIterable<SpooledEvent>,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvRow(CSV_COLUMNS);
  for await (const event of events)
    yield format === 'csv' ? csvRow(cells(event)) : `${JSON.stringify(event)}\n`;
}

function cells(event: SpooledEvent): readonly string[] {
  const members = event as unknown as Readonly<Record<string, unknown>>;
  return CSV_COLUMNS.map((name) => cell(members[name]));
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return asText(value);
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return asText(
    value.map((item) => (isNeed(item) ? `${item.action} ${item.resource}` : String(item))).join('; '),
  );
}

function isNeed(item: unknown): item is { readonly action: string; readonly resource: string } {
  return typeof item === 'object' && item !== null && 'action' in item && 'resource' in item;
}

/**
 * SQL is chosen by the client: a spreadsheet must not run it as a formula (CWE-1236), also where it takes semicolons, tabs
 * or line breaks for the end of a cell, whatever the quotes say, or full-width signs for the plain ones.
 */
const asText = (text: string): string => text.replace(/(^|[;\t\r\n])(?=[=+\-@\t\r＝＋－＠])/g, "$1'");

/** RFC 4180. */
function csvRow(values: readonly string[]): string {
  return `${values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\r\n`;
}

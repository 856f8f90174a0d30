/** A search, as the page's address has it, and as the API takes it. */
import type { Query } from '../../api/client.ts';
import { KINDS } from './event-kinds.ts';

export const FIELDS = [
  ...(['text', 'kind', 'principal', 'database', 'relation', 'action', 'decision', 'risk'] as const),
  ...(['from', 'to', 'grant', 'session', 'order'] as const),
] as const;
export type Field = (typeof FIELDS)[number];

/** What is not there is not asked. */
export type Search = Readonly<Partial<Record<Field, string>>>;

export const searchIn = (query: Readonly<Record<string, string>>): Search =>
  Object.fromEntries(FIELDS.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));

/** Without what the API would not know; `from` and `to` are ISO 8601 by then. */
export function apiQuery({ kind, risk, ...written }: Search): Query {
  const rest = Object.fromEntries(Object.entries(written).map(([name, value]) => [name, value.trim()]));
  const types = KINDS.find(({ name }) => name === kind)?.types;
  return {
    ...rest,
    ...(types && { types: types.join(',') }),
    ...(risk && riskIn(risk)),
  };
}

function riskIn(text: string): Query {
  const value = Number(text);
  if (!Number.isFinite(value)) return {};
  return { risk: String(Number(Math.min(1, Math.max(0, value)).toFixed(2))) };
}

/** ISO 8601 UTC, as `datetime-local` shows it in the reader's zone; empty: it is none. */
export function localTime(iso: string | undefined): string {
  const at = Date.parse(iso ?? '');
  if (Number.isNaN(at)) return '';
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The other way. */
export function isoTime(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}

/** How far back one can look. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const SPANS = {
  '1h': { ms: HOUR, words: 'hour' },
  '6h': { ms: 6 * HOUR, words: '6 hours' },
  '24h': { ms: DAY, words: '24 hours' },
  '7d': { ms: 7 * DAY, words: '7 days' },
  '30d': { ms: 30 * DAY, words: '30 days' },
} as const;

export type Span = keyof typeof SPANS;

export const spanOf = (name: string | undefined): Span =>
  (Object.keys(SPANS) as Span[]).find((span) => span === name) ?? '24h';

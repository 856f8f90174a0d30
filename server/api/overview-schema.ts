/** How things have been going: counts over time. */
import { z } from 'zod';
import { DECISIONS } from './event-schema.ts';
import { instant } from './page-schema.ts';

/** ms. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const MOST_STRETCHES = 1_000;

export const overviewQuery = z
  .strictObject({
    from: instant.exactOptional().describe('ISO 8601 UTC; absent: a day before `to`.'),
    to: instant.exactOptional().describe('ISO 8601 UTC; absent: now.'),
    stretch: z
      .string()
      .regex(/^[1-9]\d{0,6}$/)
      .transform((text) => Number(text) * 1_000)
      .exactOptional()
      .describe(`Length of a stretch in seconds, ${MOST_STRETCHES} of them at most; absent: as fits.`),
    database: z.string().min(1).max(63).exactOptional(),
  })
  .transform(({ to = Date.now(), from = to - 24 * HOUR, stretch, database }) => ({
    ...{ to, from, stretch: stretch ?? fitting(to - from) },
    ...(database !== undefined && { database }),
  }))
  .refine(({ from, to }) => from < to, 'ends before it begins')
  .refine(({ from, to, stretch }) => to - from <= MOST_STRETCHES * stretch, 'has too many stretches');

const STRETCHES = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR] as const;
/** So many look well in a chart. */
const LEGIBLE = 150;

const fitting = (span: number): number =>
  STRETCHES.find((stretch) => span / stretch <= LEGIBLE) ?? Math.ceil(span / LEGIBLE);

const count = z.int();

export const tallyAnswer = z.object({
  at: z.string().describe('Its beginning, ISO 8601 UTC.'),
  decisions: z.object(
    Object.fromEntries(DECISIONS.map((decision) => [decision, count])) as Record<
      (typeof DECISIONS)[number],
      typeof count
    >,
  ),
  alarms: count,
  verdicts: z.object({ true: count, false: count }),
});

/** Seconds. */
export const latencyAnswer = z.object({
  at: z.string().describe('Its end, ISO 8601 UTC.'),
  measured: z.int().describe('Exchanges: the first 16 of each session, then one in 64.'),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
});

const drift = z.looseObject({
  at: z.string(),
  model: z.string(),
  drifts: z.array(z.object({ name: z.string(), index: z.number() })),
});

export const overviewAnswer = z.object({
  from: z.string(),
  to: z.string(),
  /** ms. */
  stretch: z.int().describe('Length of a stretch in ms.'),
  tallies: z.array(tallyAnswer),
  latency: z
    .array(latencyAnswer)
    .describe(
      'What Postern adds to statements on this node, in seconds, since its start: from bytes of a client to their leaving for the database (decided, scored, in the trail), and from its first answer to that leaving for the client. Without time on the network, and without waiting for reviewers.',
    ),
  alarms: z.object({
    raised: count,
    true: count.describe('Verdicts in that time.'),
    false: count,
    rate: z.number().nullable().describe('The true among those that were judged; null: none was.'),
  }),
  drift: drift.nullable().describe('The last event `risk.drift` in that time.'),
  sessions: z.object({ open: count }),
});

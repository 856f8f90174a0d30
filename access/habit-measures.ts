/** How much a session does, counted in steps of powers of two, so that percentiles fit into a few numbers. */
export const HABIT_MEASURES = ['statements', 'rows', 'bytes', 'relations'] as const;
export type HabitMeasure = (typeof HABIT_MEASURES)[number];

/** What one session came to. */
export type HabitSums = Readonly<Record<HabitMeasure, number>>;

/** Counters by name, as a hash of Redis holds them: `sessions`, `day:<days since 1970>`, `rows:<step>` ... */
export type HabitCounts = Readonly<Record<string, number>>;

const DAY = 24 * 60 * 60 * 1000;

/** The counters that one more session adds one to. `now`: Unix ms. */
export function countersOf(sums: HabitSums, now: number): readonly string[] {
  const steps = HABIT_MEASURES.map((measure) => `${measure}:${Math.floor(Math.log2(sums[measure] + 1))}`);
  return ['sessions', dailyCounter('day', now), ...steps];
}

export type DailyEvent = 'day' | 'scored';

/** The counter of things that happen, by day. */
export const dailyCounter = (what: DailyEvent, now: number): string => `${what}:${Math.floor(now / DAY)}`;

/** How often it happened on a day, on average; null: never. */
export function perDayIn(counts: HabitCounts, what: 'scored'): number | null {
  const days = Object.entries(counts).filter(([name]) => name.startsWith(`${what}:`));
  return days.length === 0 ? null : days.reduce((sum, [, count]) => sum + count, 0) / days.length;
}

/** On how many days there was a session. */
export function daysIn(counts: HabitCounts): number {
  return Object.keys(counts).filter((name) => name.startsWith('day:')).length;
}

/** What 99 of 100 sessions stay within, rounded up to a power of two; null: there were none. */
export function usualIn(counts: HabitCounts, measure: HabitMeasure): number | null {
  const prefix = `${measure}:`;
  const steps = Object.entries(counts)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, count]) => ({ step: Number(name.slice(prefix.length)), count }))
    .sort((a, b) => a.step - b.step);
  const wanted = 0.99 * steps.reduce((sum, { count }) => sum + count, 0);
  let sum = 0;
  for (const { step, count } of steps) {
    sum += count;
    if (sum >= wanted) return 2 ** (step + 1) - 1;
  }
  return null;
}

export function addCounts(one: HabitCounts, other: HabitCounts): HabitCounts {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

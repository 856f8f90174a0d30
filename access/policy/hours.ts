import type { Hours } from './policy.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MINUTES_OF_DAY = 24 * 60;

/** Is it one of these hours? `at`: Unix time in ms. The end is not part of them. */
export function isDuring({ days, from, to, timeZone }: Hours, at: number): boolean {
  const { day, minute } = localTime(at, timeZone);
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const dayBefore = (day + 6) % 7;
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < to);
}

/** Minutes since midnight of `08:00` to `24:00`; null for anything else. */
export function parseTime(text: string): number | null {
  const [, hours, minutes] = /^(\d{2}):([0-5]\d)$/.exec(text) ?? [];
  const time = Number(hours) * 60 + Number(minutes);
  return time <= MINUTES_OF_DAY ? time : null;
}

/** Throws RangeError on a zone that is not known. */
function localTime(at: number, timeZone: string): { day: number; minute: number } {
  const form = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  const parts = Object.fromEntries(form.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: DAYS.indexOf(parts.weekday ?? ''), minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

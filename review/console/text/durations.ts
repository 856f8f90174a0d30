/** Times and durations in words, in ms. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units: 1 h 05 min. */
export function duration(ms: number): string {
  if (ms < 1) return ms <= 0 ? '0 ms' : '<1 ms';
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${padded(Math.floor((ms % MINUTE) / SECOND))} s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${padded(Math.floor((ms % HOUR) / MINUTE))} min`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
}

/** As a clock that counts: 1:05:09, 5:09; over a day in days. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const rest = padded(seconds % 60);
  return hours > 0 ? `${hours}:${padded(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** The same, to a tenth of a second: 1:05:09.3, 5:09.3. */
export const fineClock = (ms: number): string =>
  `${clock(ms)}.${Math.floor((Math.max(0, ms) % SECOND) / 100)}`;

/** Of a time before now, or after it. */
export function relative(at: number, now: number): string {
  const past = now - at;
  const far = Math.abs(past);
  const amount =
    far < 5 * SECOND
      ? null
      : far < MINUTE
        ? `${Math.floor(far / SECOND)} s`
        : far < HOUR
          ? `${Math.floor(far / MINUTE)} min`
          : far < DAY
            ? `${Math.floor(far / HOUR)} h`
            : `${Math.floor(far / DAY)} d`;
  if (amount === null) return 'just now';
  return past > 0 ? `${amount} ago` : `in ${amount}`;
}

/** Unix ms as the reader's own clock shows it, with the zone. */
export const absolute = (at: number): string => ABSOLUTE.format(at);
/** The same, without the date. */
export const timeOfDay = (at: number): string => TIME.format(at);

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const ABSOLUTE = new Intl.DateTimeFormat('en-GB', {
  ...{
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  },
  timeZoneName: 'short',
});

const padded = (value: number): string => String(value).padStart(2, '0');

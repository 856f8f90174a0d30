/** Numbers as people read them. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** With separators: 20,000. */
export const whole = (count: number): string => WHOLE.format(count);

/** At most five characters: 20K. */
export const short = (count: number): string => (count < 10_000 ? whole(count) : SHORT.format(count));

/** In units of 1,000: 1.2 MB. */
export function byteSize(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : WHOLE.format(value)} ${BYTE_UNITS[power]}`;
}

/** A share from 0 to 1, as per cent. */
export const percent = (share: number): string =>
  `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** A score from 0 to 1, always as wide. */
export const score = (value: number): string => value.toFixed(2);

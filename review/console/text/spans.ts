/** Lengths of time as people agree on them, in ms. */
const UNITS = [
  { short: 'd', long: 'd', ms: 86_400_000 },
  { short: 'h', long: 'h', ms: 3_600_000 },
  { short: 'm', long: 'min', ms: 60_000 },
  { short: 's', long: 's', ms: 1_000 },
] as const;

/** Without what is nothing: 1 h 30 min. */
export function span(ms: number): string {
  let left = Math.max(0, Math.round(ms / 1_000) * 1_000);
  const parts: string[] = [];
  for (const { long, ms: unit } of UNITS) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) parts.push(`${count} ${long}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** As the API takes it, in the largest unit that says it whole: 90m. */
export function spanField(ms: number): string {
  const unit = UNITS.find(({ ms: each }) => ms >= each && ms % each === 0) ?? UNITS[3];
  return `${Math.max(1, Math.floor(ms / unit.ms))}${unit.short}`;
}

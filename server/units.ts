const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

const SIZE = /^(\d+(?:\.\d+)?)(B|kB|KiB|MB|MiB|GB|GiB)$/;
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
};

/** `500ms`, `30s`, `15m`, `2h`, `1d` in milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  return parse(DURATION, MILLISECONDS, text);
}

/** `64MiB`, `1.5kB`, ... in bytes; null for anything else. */
export function parseSize(text: string): number | null {
  return parse(SIZE, BYTES, text);
}

function parse(form: RegExp, units: Readonly<Record<string, number>>, text: string): number | null {
  const match = form.exec(text);
  if (!match) return null;
  const value = Math.round(Number(match[1]) * units[match[2]!]!);
  return Number.isSafeInteger(value) ? value : null;
}

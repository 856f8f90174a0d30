/**
 * One text per value: keys sorted by UTF-16 code unit, no white space, numbers and strings as JSON.stringify prints
 * them (the rules of RFC 8785). What is signed is this text. Throws TypeError for what JSON can't hold.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (value === null || ['boolean', 'string'].includes(typeof value) || Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  throw new TypeError(`a ${typeof value} has no JSON form`);
}

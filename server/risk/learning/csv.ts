/** Records of a CSV text (RFC 4180): fields may be quoted, and have line ends in them. */
export function* csvRecords(text: string): Generator<readonly string[]> {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  let record: string[] = [];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) throw new RangeError('not in CSV form');
    const [, quoted, plain, end] = match;
    record.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    yield record;
    record = [];
  }
  if (record.length > 0) yield [...record, ''];
}

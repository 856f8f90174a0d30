/**
 * One line of plain text. What clients send must not drive the reader's terminal (CWE-150), nor turn its own order
 * around (bidirectional controls, CVE-2021-42574).
 */
export function clean(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').trim();
  return oneLine.replaceAll(/[\p{Cc}\p{Cf}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}

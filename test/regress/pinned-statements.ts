import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Statements that Postern refuses under any grant, on a line of their own as they stand in the regression files: who runs
 * SQL and how it is read is pinned (docs/clients.md). What follows them depends on their having been run.
 */
const REFUSED =
  /^\s*set\s+(?:(?:local|session)\s+)?(?:role\b|session\s+authorization\b|(?:standard_conforming_strings|backslash_quote|client_encoding|session_authorization)\s*(?:=|to\b)).*;/i;
const PINNED_TO = /standard_conforming_strings\s*(?:=|to)\s*(?:on|true)\s*;/i;

/** Turns them into comments in all files of `source`; both sides of a comparison then go without. Returns how many. */
export function leaveOutRefused(source: string): number {
  let count = 0;
  const directory = join(source, 'sql');
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.sql'))) {
    const path = join(directory, name);
    const lines = readFileSync(path, 'latin1').split('\n');
    const kept = lines.map((line) => {
      if (!REFUSED.test(line) || PINNED_TO.test(line)) return line;
      count++;
      return `-- left out: ${line.replaceAll(';', '')}`;
    });
    writeFileSync(path, kept.join('\n'), 'latin1');
  }
  return count;
}

/** Where transaction blocks begin and end, as the statements say. */
import type { TrailStatement } from '../../api/answers.ts';

/** Of a statement: outside of all blocks, or where in one. */
export type InBlock = 'outside' | 'begins' | 'inside' | 'commits' | 'rolls-back';

const BEGINS = new Set(['BEGIN', 'START TRANSACTION']);
const COMMITS = new Set(['COMMIT', 'PREPARE TRANSACTION']);
/** Statements before one that are looked through for the beginning of its block. */
const LOOK_BACK = 500;

/** `at` may not know a statement; what is not known is taken for outside. */
export function inBlock(number: number, at: (number: number) => TrailStatement | null): InBlock {
  const own = change(at(number));
  if (own === 'begins') return 'begins';
  const open = isOpenBefore(number, at);
  if (!open) return 'outside';
  return own ?? 'inside';
}

function isOpenBefore(number: number, at: (number: number) => TrailStatement | null): boolean {
  for (let before = number - 1; before >= 1 && before >= number - LOOK_BACK; before--) {
    const found = at(before);
    if (found === null) return false;
    const what = change(found);
    if (what !== null) return what === 'begins';
  }
  return false;
}

/** What it makes of the block; null: nothing, also because it was not run. */
function change(found: TrailStatement | null): Exclude<InBlock, 'outside' | 'inside'> | null {
  if (found === null || found.end === null) return null;
  const tag = found.statement.tags.at(-1);
  if (tag === undefined) return null;
  if (BEGINS.has(tag)) return 'begins';
  if (COMMITS.has(tag)) return 'commits';
  return tag === 'ROLLBACK' && !/\bto\b/i.test(found.statement.sql) ? 'rolls-back' : null;
}

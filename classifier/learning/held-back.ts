/** Which statements of a trail, and of the project's own training set, no challenger learns from: they judge it. */
import { createHash } from 'node:crypto';
import { maskedWords } from '../features/bag.ts';
import { tokensOf } from '../lexer.ts';

/** One in five forms, always the same. */
const SHARE = 5;

/** All statements of one form are held back, or none is. */
export const isHeldBack = ({ sql }: { readonly sql: string }): boolean =>
  isHeldBackForm(maskedWords(tokensOf(sql)).join(' '));

export const isHeldBackForm = (form: string): boolean =>
  createHash('sha256').update(form).digest().readUInt32BE() % SHARE === 0;

/** Statements of one form, again and again with other values: paging, walking through keys, trying values. */
import { maskedWords } from '../features/bag.ts';
import type { Token } from '../lexer.ts';

interface Form {
  count: number;
  /** Values of the last statement of this form. */
  numbers: readonly number[];
  /** Distinct texts of values. */
  readonly values: Set<string>;
  /** Statements in a row whose numbers went on in one direction. */
  progress: number;
}

/** What a statement is in the light of those before it. */
export interface Repeated {
  /** Statements of this form so far, this one among them. */
  readonly count: number;
  /** Distinct sets of values that the form had. */
  readonly variants: number;
  /** Statements in a row whose numbers went on in one direction. */
  readonly progress: number;
}

/** Forms kept per session; later ones count as new each time. */
const MOST_FORMS = 500;
const MOST_VALUES = 500;

export class Repetition {
  readonly #forms = new Map<string, Form>();

  add(tokens: readonly Token[], relations: readonly string[]): Repeated {
    const key = `${formOf(tokens)}|${relations.join()}`;
    const form = this.#forms.get(key);
    const numbers = numbersOf(tokens);
    const values = valuesOf(tokens);
    if (form === undefined) {
      if (this.#forms.size < MOST_FORMS)
        this.#forms.set(key, { count: 1, numbers, values: new Set([values]), progress: 0 });
      return { count: 1, variants: 1, progress: 0 };
    }
    form.count++;
    form.progress = goesOn(form.numbers, numbers) ? form.progress + 1 : 0;
    form.numbers = numbers;
    if (form.values.size < MOST_VALUES) form.values.add(values);
    return { count: form.count, variants: form.values.size, progress: form.progress };
  }
}

/** Values of any size and kind are one. */
const formOf = (tokens: readonly Token[]): string =>
  maskedWords(tokens.slice(0, 200))
    .map((word) => (/^('|\d)/.test(word) ? '?' : word))
    .join(' ');

const numbersOf = (tokens: readonly Token[]): readonly number[] =>
  tokens.flatMap(({ kind, text }) => {
    const value =
      kind === 'number' ? Number(text) : kind === 'string' ? Number(text.slice(1, -1) || 'x') : Number.NaN;
    return Number.isFinite(value) ? [value] : [];
  });

const valuesOf = (tokens: readonly Token[]): string =>
  tokens
    .flatMap(({ kind, text }) => (kind === 'number' || kind === 'string' ? [text.slice(0, 100)] : []))
    .join();

/** At least one number grew, none fell. */
function goesOn(before: readonly number[], now: readonly number[]): boolean {
  if (before.length !== now.length) return false;
  let grew = false;
  for (let index = 0; index < now.length; index++) {
    if ((now[index] as number) < (before[index] as number)) return false;
    if ((now[index] as number) > (before[index] as number)) grew = true;
  }
  return grew;
}

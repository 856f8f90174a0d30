/** Verdicts by what they rest on: one space for each scope, catalog snapshot and state of names that sessions are in. */
import type { Names } from '../guardrails/names.ts';
import type { Verdict } from '../guardrails/types.ts';
import { BoundedCache } from './bounded-cache.ts';

export interface VerdictSpace {
  /** Of the catalog; not the catalog itself, which the idle sessions of a day would keep in memory in all its versions. */
  readonly version: number;
  readonly names: Names;
  readonly verdicts: BoundedCache<Verdict>;
  /** By texts with parameters in place of their constants; `unfit`: the constants matter. */
  readonly common: BoundedCache<Verdict | 'undecided' | 'unfit'>;
}

const MOST_SPACES = 200;
/** Verdicts in one space, and the length of their texts together. */
const MOST_VERDICTS = 2_000;
const MOST_TEXT = 4 * 1024 * 1024;

export class VerdictSpaces {
  readonly #spaces = new Map<string, VerdictSpace>();

  /** `scopeKey` identifies scope and database. */
  of(scopeKey: string, version: number, names: Names): VerdictSpace {
    const key = `${scopeKey}\0${version}\0${JSON.stringify(names)}`;
    const known = this.#spaces.get(key);
    this.#spaces.delete(key);
    const space = known ?? { version, names, verdicts: verdictsByText(), common: verdictsByText() };
    this.#spaces.set(key, space);
    if (this.#spaces.size > MOST_SPACES) this.#spaces.delete([...this.#spaces.keys()][0]!);
    return space;
  }
}

const verdictsByText = <T>(): BoundedCache<T> => new BoundedCache<T>(MOST_VERDICTS, MOST_TEXT);

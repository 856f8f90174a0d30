/** The relations that are asked for and those that there are, to be found by what people write for them. */
import { corrected } from './words.ts';

export class KnownNames {
  /** By their lower case. */
  readonly #whole = new Map<string, string[]>();
  /** By their last part, in lower case. */
  readonly #last = new Map<string, string[]>();

  constructor(names: Iterable<string>) {
    for (const name of new Set(names)) {
      put(this.#whole, name.toLowerCase(), name);
      put(this.#last, lastPart(name), name);
    }
  }

  /** What a name stands for: itself, the relation of its column, one without its schema, one that it was made from. */
  resolved(spelled: string): readonly string[] {
    const isQualified = spelled.includes('.');
    const known = isQualified ? this.#whole : this.#last;
    const name = corrected(spelled, (each) => known.has(each));
    const bare = (this.#last.get(lastPart(name)) ?? []).filter((each) => !isQualified || !each.includes('.'));
    for (const found of [this.#whole.get(name) ?? [], this.#cutAt('.', name), bare])
      if (found.length > 0) return found;
    return this.#cutAt('_', name).filter((each) => each.includes('.'));
  }

  /** Names that this one begins with, up to a sign. */
  #cutAt(sign: string, name: string): readonly string[] {
    const found: string[] = [];
    for (let at = name.indexOf(sign); at >= 0; at = name.indexOf(sign, at + 1))
      found.push(...(this.#whole.get(name.slice(0, at)) ?? []));
    return found;
  }
}

export const lastPart = (name: string): string => name.toLowerCase().slice(name.lastIndexOf('.') + 1);

function put(map: Map<string, string[]>, key: string, name: string): void {
  const names = map.get(key);
  if (names === undefined) map.set(key, [name]);
  else names.push(name);
}

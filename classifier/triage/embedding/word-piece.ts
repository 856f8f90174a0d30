/**
 * WordPiece as BERT's tokenizer has it (Devlin et al. 2019, and the reference implementation's basic tokenizer): words and
 * punctuation, then the longest pieces that the vocabulary has.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface WordPieceOptions {
  /** Lower case, and letters without their accents. */
  readonly uncased: boolean;
  /** Tokens, with the two around them; the rest is cut off. */
  readonly most: number;
}

const MOST_TOKENS = 256;
const LONGEST_WORD = 100;
const CONTINUED = '##';

export class WordPiece {
  readonly #vocabulary: ReadonlyMap<string, number>;
  readonly #options: WordPieceOptions;
  readonly #first: number;
  readonly #last: number;
  readonly #unknown: number;

  /** Throws a RangeError where the vocabulary lacks a token that every text needs. */
  constructor(vocabulary: ReadonlyMap<string, number>, options: WordPieceOptions) {
    const special = (token: string): number => {
      const id = vocabulary.get(token);
      if (id === undefined) throw new RangeError(`its vocabulary has no ${token}`);
      return id;
    };
    this.#vocabulary = vocabulary;
    this.#options = options;
    this.#first = special('[CLS]');
    this.#last = special('[SEP]');
    this.#unknown = special('[UNK]');
  }

  /** From `tokenizer.json`, or `vocab.txt` and perhaps `tokenizer_config.json`. Throws where they are not sound. */
  static in(folder: string): WordPiece {
    const file = join(folder, 'tokenizer.json');
    if (existsSync(file)) return ofTokenizer(JSON.parse(readFileSync(file, 'utf8')) as TokenizerFile);
    const lines = readFileSync(join(folder, 'vocab.txt'), 'utf8').split(/\r?\n/);
    const settings = join(folder, 'tokenizer_config.json');
    const { do_lower_case: lower = true } = existsSync(settings)
      ? (JSON.parse(readFileSync(settings, 'utf8')) as { readonly do_lower_case?: boolean })
      : {};
    const vocabulary = new Map(lines.map((token, id) => [token, id]));
    return new WordPiece(vocabulary, { uncased: lower, most: MOST_TOKENS });
  }

  /** Ids, with those of the beginning and the end. */
  tokens(text: string): readonly number[] {
    const { uncased, most } = this.#options;
    const tokens = [this.#first];
    for (const word of wordsIn(uncased ? plain(text) : text)) {
      if (tokens.length >= most - 1) break;
      tokens.push(...this.#pieces(word));
    }
    return [...tokens.slice(0, most - 1), this.#last];
  }

  #pieces(word: string): readonly number[] {
    const letters = [...word];
    if (letters.length > LONGEST_WORD) return [this.#unknown];
    const pieces: number[] = [];
    for (let from = 0; from < letters.length; ) {
      const { id, to } = this.#longest(letters, from);
      if (id === undefined) return [this.#unknown];
      pieces.push(id);
      from = to;
    }
    return pieces;
  }

  #longest(
    letters: readonly string[],
    from: number,
  ): { readonly id: number | undefined; readonly to: number } {
    for (let to = letters.length; to > from; to--) {
      const piece = letters.slice(from, to).join('');
      const id = this.#vocabulary.get(from === 0 ? piece : `${CONTINUED}${piece}`);
      if (id !== undefined) return { id, to };
    }
    return { id: undefined, to: from };
  }
}

/** As much of Hugging Face's tokenizer.json as WordPiece needs. */
interface TokenizerFile {
  readonly model?: { readonly type?: string; readonly vocab?: Readonly<Record<string, number>> };
  readonly normalizer?: { readonly lowercase?: boolean } | null;
  readonly truncation?: { readonly max_length?: number } | null;
}

function ofTokenizer({ model, normalizer, truncation }: TokenizerFile): WordPiece {
  if (model?.vocab === undefined || (model.type ?? 'WordPiece') !== 'WordPiece')
    throw new RangeError('its tokenizer is no WordPiece');
  return new WordPiece(new Map(Object.entries(model.vocab)), {
    uncased: normalizer?.lowercase ?? true,
    most: Math.min(truncation?.max_length ?? MOST_TOKENS, MOST_TOKENS),
  });
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');

/** Ideographs and punctuation stand alone. */
const wordsIn = (text: string): readonly string[] =>
  text
    .replace(/[\p{Cc}\p{Cf}\ufffd]/gu, ' ')
    .match(/\p{Script=Han}|[\p{P}\p{S}]|[^\s\p{Script=Han}\p{P}\p{S}]+/gu) ?? [];

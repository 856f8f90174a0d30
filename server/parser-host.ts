import type { Facts } from '../guardrails/facts.ts';

/** What is recorded of a text, before its facts: it does not hang on whether the parser survives the text. */
export interface Redaction {
  readonly kind: 'redaction';
  /** null: the text has nothing to hide. */
  readonly text: string | null;
  /** The same, encoded for the trail; undefined: the event loop can do that as well. */
  readonly json: Uint8Array | undefined;
}

/** Facts, and which parameters of the text are secret. */
export interface FactsFound extends Facts {
  readonly secretParameters: readonly number[];
}

export type Reading = Redaction | { readonly kind: 'facts'; readonly facts: FactsFound };

export interface ParserListener {
  /** Of the text last posted: its redaction, then its facts. */
  read(reading: Reading): void;
  /** It has ended by itself, and reads nothing more. */
  lost(): void;
}

/** Where a parser runs: apart from the event loop, and such that it can be thrown away. */
export interface ParserHost {
  /** To be called when the facts of the text before have come. */
  post(sql: string): void;
  /** While it is referenced, this process does not end by itself. */
  ref(): void;
  unref(): void;
  /** Resolves when it is gone, and its memory is free. */
  end(): Promise<void>;
}

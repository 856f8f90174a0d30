/** What a grant's reason says it is for, held against what is done. A reason that says nothing speaks for and against nothing. */
import type { GrantContext } from './record.ts';

/** Stems in the languages that requests are written in most. What changes outweighs what reads: a fix begins with a look. */
const READS =
  /\b(report|figure|number|analy|look|check|review|investigat|understand|explor|read|quer|question|count|list|metric|dashboard|chart|statistic|numbers|summar|compar|monitor|audit|auswert|prüf|bericht|rapport|consult|informe|revis)/iu;
const CHANGES =
  /\b(fix|repair|correct|delet|remov|clean|purg|eras|clear|migrat|deploy|releas|upgrad|rollout|roll out|updat|backfill|insert|load|import|pipeline|etl|creat|add|alter|chang|drop|truncat|renam|restor|rebuild|reset|recalculat|archiv|anonymi|mask|maintenance|vacuum|index|grant|revok|rotat|install|service account|migrier|lösch|bereinig|korrigier|änder|supprim|corrig|nettoy|borrar|elimin|actualiz)/iu;

/** Words of so many letters tell what something is about. */
const TELLING = 4;

export class Purpose {
  /** Nothing but reading is named. */
  readonly readsOnly: boolean;
  readonly #stems: ReadonlySet<string>;
  /** It names a relation that was touched, or that the grant has by name. */
  #names: boolean;

  constructor({ reason, scope = [] }: GrantContext = {}) {
    const text = reason ?? '';
    this.readsOnly = READS.test(text) && !CHANGES.test(text);
    this.#stems = new Set(stemsOf(text));
    this.#names = scope.some((pattern) => this.#tells(pattern));
  }

  /** The share of relations that the reason does not name, where it names some; else 0. */
  beside(relations: readonly string[]): number {
    if (this.#stems.size === 0 || relations.length === 0) return 0;
    const told = relations.filter((name) => this.#tells(name)).length;
    if (told > 0) this.#names = true;
    return this.#names ? 1 - told / relations.length : 0;
  }

  #tells(name: string): boolean {
    return stemsOf(name).some((stem) => this.#stems.has(stem));
  }
}

/** `customer_orders` and `the customers' order` have two in common. */
function stemsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words
    .map((word) => word.replace(/ies$/, 'y').replace(/s$/, ''))
    .filter((word) => word.length >= TELLING);
}

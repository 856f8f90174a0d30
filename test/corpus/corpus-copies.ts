/** The copies of one template, made and dropped as the runs of a class need them. */
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { CorpusDatabase, type State } from './corpus-databases.ts';

/** Where copies come from. */
export interface CopySource {
  /** Makes one, and gives its name. */
  copy(): Promise<string>;
  drop(name: string): Promise<void>;
}

export interface CopyWish {
  /** What is run in a copy of that name first. */
  setup(name: string): string;
  /** The run is meant to change it. It does without the proxy, which has to read the whole catalog of a new copy. */
  readonly spoils: boolean;
}

/**
 * One copy for each of these, since most runs leave theirs as it was: what the proxy is to keep out of, what an attack
 * is to change without it, and the last case that sets up something of its own.
 */
type Use = 'kept' | 'spoilt' | 'own';

export class CorpusCopies {
  readonly #postgres: OwnPostgres;
  readonly #source: CopySource;
  readonly #copies = new Map<Use, CorpusDatabase>();
  /** Of copies that nothing was run in. */
  #pristine: State | undefined;

  constructor(postgres: OwnPostgres, source: CopySource) {
    this.#postgres = postgres;
    this.#source = source;
  }

  /** A copy as `setup` leaves it: the last one for the same use, if it is that again. */
  async take({ setup, spoils }: CopyWish): Promise<CorpusDatabase> {
    const use = setup('') !== '' ? 'own' : spoils ? 'spoilt' : 'kept';
    const last = this.#copies.get(use);
    if (last !== undefined && last.setup === setup(last.name) && (await last.restore())) return last;
    await this.#drop(use);
    const copy = await this.#make(setup);
    this.#copies.set(use, copy);
    return copy;
  }

  async drop(): Promise<void> {
    for (const use of [...this.#copies.keys()]) await this.#drop(use);
  }

  async #drop(use: Use): Promise<void> {
    const copy = this.#copies.get(use);
    if (copy === undefined) return;
    this.#copies.delete(use);
    await copy.end();
    await this.#source.drop(copy.name);
  }

  async #make(setup: CopyWish['setup']): Promise<CorpusDatabase> {
    const name = await this.#source.copy();
    const sql = setup(name);
    if (sql !== '') return CorpusDatabase.open(this.#postgres, name, sql);
    const copy = await CorpusDatabase.open(this.#postgres, name, sql, this.#pristine);
    this.#pristine = copy.pristine;
    return copy;
  }
}

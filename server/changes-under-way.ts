/**
 * What sessions are changing in the catalog of one database: from when a change is let through until a look has seen it.
 * A statement of another session may run before or after it, whatever the catalog says: it may wait for a lock that the
 * change holds, or in the upstream's socket. So names mean to others, meanwhile, what they may mean to the session itself.
 */
import { addedNames, type Names, TEMPORARY } from '../guardrails/names.ts';

/** A session, of any process of the node. */
export type SessionKey = string;

/** The part of a session's names that others see. */
export type SharedNames = Pick<Names, 'made' | 'schemas'>;

export class ChangesUnderWay {
  readonly #changes = new Map<SessionKey, SharedNames>();
  #ended = Promise.withResolvers<void>();
  #version = 0;

  /** Another one with each change that begins or ends. */
  get version(): number {
    return this.#version;
  }

  /** What the session changes; another object with each `begin`. */
  of(session: SessionKey): SharedNames | undefined {
    return this.#changes.get(session);
  }

  /** Adds to what the session changes. False if that is nothing to others. */
  begin(session: SessionKey, names: SharedNames): boolean {
    const shared = sharedNames(names);
    if (shared.made.length === 0 && shared.schemas === undefined) return false;
    const before = this.#changes.get(session) ?? { made: [] };
    this.#changes.set(session, addedNames({ paths: [], ...before }, { paths: [], ...shared }));
    this.#version++;
    return true;
  }

  /** `changes`: as they were `of` the session when it said that they are done; it may have begun others since. */
  end(session: SessionKey, changes = this.#changes.get(session)): void {
    if (changes === undefined || this.#changes.get(session) !== changes) return;
    this.#changes.delete(session);
    this.#version++;
    this.#ended.resolve();
    this.#ended = Promise.withResolvers();
  }

  /** Of the sessions whose keys begin with this. */
  endAll(prefix: string): void {
    for (const session of this.#changes.keys()) if (session.startsWith(prefix)) this.end(session);
  }

  byOthers(session: SessionKey): boolean {
    return this.#changes.size > (this.#changes.has(session) ? 1 : 0);
  }

  /** What the names of a session may mean, with all that others change. */
  over(names: Names, session: SessionKey): Names {
    let all = names;
    for (const [other, shared] of this.#changes)
      if (other !== session) all = addedNames(all, { paths: [], ...shared });
    return all;
  }

  /** Resolves when the next change has ended. */
  nextEnd(): Promise<void> {
    return this.#ended.promise;
  }
}

/** What comes new was decided where it was made, and reaches no further; temporary objects are the session's own. */
const sharedNames = ({ made, schemas }: SharedNames): SharedNames => ({
  made: made.filter(
    ({ schema, veil = [], gone = false }) => schema !== TEMPORARY && (gone || veil.length > 0),
  ),
  ...(schemas !== undefined && { schemas }),
});

/**
 * The guards of a process's sessions: the guardrails with their caches, over live catalogs. What is expensive is shared:
 * facts by text, verdicts by text among sessions of the same scope, catalog and names.
 */
import { Advice } from '../guardrails/advice.ts';
import { extract } from '../guardrails/extract.ts';
import type { Facts } from '../guardrails/facts.ts';
import { SAFE_LENGTH } from '../guardrails/parse.ts';
import { CompiledScope } from '../guardrails/scope.ts';
import { ACTIONS, type Scope } from '../guardrails/types.ts';
import type { GrantTicket, GuardFactory, ParameterValues, SessionGuard } from '../proxy/ports.ts';
import { BoundedCache } from './bounded-cache.ts';
import { type CatalogAges, CatalogSource } from './catalog-source.ts';
import type { Catalogs } from './catalogs.ts';
import { ChangesUnderWay, type SessionKey, type SharedNames } from './changes-under-way.ts';
import type { DatabaseTerms } from './database-terms.ts';
import { ParserPool } from './parser-pool.ts';
import type { ReadFacts } from './read-facts.ts';
import { StatementGuard } from './statement-guard.ts';
import { VerdictSpaces } from './verdict-spaces.ts';

export interface GuardParts {
  readonly catalogs: Pick<Catalogs, 'load'>;
  readonly grantOf: (ticket: GrantTicket) => { readonly scope: Scope; readonly outOfScope: 'deny' | 'hold' };
  /** What the configuration says about a database; without it, all are enforced and nothing is said. */
  readonly termsOf?: (database: string) => DatabaseTerms;
  /** How old a catalog may be; default: as the source has them. */
  readonly ages?: CatalogAges;
  /** A session here is changing the catalog of a database, or has done so. Resolves when the other processes know. */
  readonly announce?: (change: AnnouncedChange) => Promise<void>;
}

/** `names`: what it is going to change; null: all can see now what it has changed. */
export interface AnnouncedChange {
  readonly database: string;
  readonly session: SessionKey;
  readonly names: SharedNames | null;
}

/** What is known of a database, and going on in it. */
interface Known {
  readonly source: CatalogSource;
  readonly changes: ChangesUnderWay;
}

const PLAIN: DatabaseTerms = { mode: 'enforce', messages: [], holds: true };

/** Facts of this many texts, and of texts of this length together, are kept. */
const MOST_TEXTS = 10_000;
const MOST_TEXT = 32 * 1024 * 1024;
/** A longer one hardly comes again, UTF-16 units. */
const LONGEST_TEXT = 64 * 1024;

export class Guards implements GuardFactory {
  readonly #parts: GuardParts;
  readonly #pool = new ParserPool();
  readonly #facts = new BoundedCache<ReadFacts>(MOST_TEXTS, MOST_TEXT);
  readonly #spaces = new VerdictSpaces();
  readonly #known = new Map<string, Known>();
  #sessions = 0;
  /** False once a text has overflowed the stack of this thread: its parser is not to be trusted after that. */
  #parseHere = true;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** Rejects if the database's catalog is needed and can't be loaded. */
  async open(ticket: GrantTicket): Promise<SessionGuard> {
    const { scope, outOfScope: wish } = this.#parts.grantOf(ticket);
    const { mode, messages, holds } = this.#parts.termsOf?.(ticket.database) ?? PLAIN;
    const outOfScope = holds ? wish : 'deny';
    const compiled = new CompiledScope(scope, ACTIONS);
    const known = compiled.open ? null : this.#knownOf(ticket.database);
    await known?.source.open();
    const session = `${process.pid} ${++this.#sessions}`;
    return new StatementGuard({
      scope: compiled,
      outOfScope,
      observes: mode === 'observe',
      advice: new Advice(messages),
      scopeKey: JSON.stringify([ticket.database, scope, outOfScope]),
      source: known?.source ?? null,
      session,
      changes: known?.changes ?? new ChangesUnderWay(),
      announce: async (names) => this.#parts.announce?.({ database: ticket.database, session, names }),
      spaces: this.#spaces,
      read: (sql) => this.#read(sql),
      readWith: (sql, values) => this.#readWith(sql, values),
    });
  }

  /** Another process says what a session of its changes. */
  catalogChanged({ database, session, names }: AnnouncedChange): void {
    const known = this.#known.get(database);
    if (known === undefined) return;
    const { source, changes } = known;
    if (names !== null) {
      changes.begin(session, names);
      return;
    }
    const done = changes.of(session);
    void source.outdate();
    void source.whenSeen().then(() => changes.end(session, done));
  }

  /** Another process has died, and its sessions with it. */
  processDied(pid: number): void {
    for (const { source, changes } of this.#known.values()) {
      void source.outdate();
      void source.whenSeen().then(() => changes.endAll(`${pid} `));
    }
  }

  async close(): Promise<void> {
    for (const { source } of this.#known.values()) source.close();
    await this.#pool.close();
  }

  #knownOf(database: string): Known {
    let known = this.#known.get(database);
    if (known === undefined) {
      const source = new CatalogSource(() => this.#parts.catalogs.load(database), this.#parts.ages);
      known = { source, changes: new ChangesUnderWay() };
      this.#known.set(database, known);
    }
    return known;
  }

  #read(sql: string): ReadFacts | Promise<ReadFacts> {
    const known = this.#facts.get(sql);
    if (known !== undefined) return known;
    if (this.#parseHere && sql.length <= SAFE_LENGTH) {
      const facts = extract(sql);
      if (facts.damaged) this.#parseHere = false;
      if (facts.error?.sqlstate !== '54001') return this.#keep(sql, facts);
    }
    return this.#pool.extract(sql).then((facts) => this.#keep(sql, facts));
  }

  /** Texts that are read elsewhere for their length are left to be judged without values: what they decide is refused. */
  #readWith(sql: string, values: ParameterValues): Facts | null {
    if (!this.#parseHere || sql.length > SAFE_LENGTH) return null;
    const facts = extract(sql, values);
    return facts.error === null ? facts : null;
  }

  #keep(sql: string, facts: ReadFacts): ReadFacts {
    const lasting = facts.error === null || facts.error.sqlstate === '42601';
    if (lasting && sql.length <= LONGEST_TEXT) this.#facts.set(sql, facts);
    return facts;
  }
}

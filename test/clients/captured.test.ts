/**
 * Nothing that clients send within an everyday grant is refused: their own statements at start-up, when they look
 * around, and when they write. What a grant must hold more for, or no server accepts, is on the list.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import pg from 'pg';
import type { Catalog } from '../../guardrails/catalog.ts';
import { decide } from '../../guardrails/decide.ts';
import { extract } from '../../guardrails/extract.ts';
import type { StatementFacts } from '../../guardrails/facts.ts';
import { addedNames, INITIAL_NAMES, type Names } from '../../guardrails/names.ts';
import { CompiledScope } from '../../guardrails/scope.ts';
import { ACTIONS, type Verdict } from '../../guardrails/types.ts';
import { loadCatalog } from '../../server/catalog-loader.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { createDatabase, installedVersion, serviceUrl } from './database.ts';

const EVERYDAY = new CompiledScope([{ actions: ['select', 'insert', 'update'], on: ['public.*'] }], ACTIONS);

/** What must not be allowed, and the SQLSTATE it gets. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\s*delete\b/i, '42501'],
  [/^\s*copy\b.*\bto stdout/is, '42501'],
  [/^selec 1$/, '42601'],
];

const FOLDER = join(import.meta.dirname, 'captured');

let postgres: OwnPostgres;
let catalog: Catalog;

test.before(async () => {
  postgres = await startPostgres({ version: installedVersion() });
  await createDatabase(postgres);
  const client = new pg.Client({ connectionString: serviceUrl(postgres) });
  await client.connect();
  catalog = await loadCatalog(client, 1);
  await client.end();
});
test.after.always(() => postgres?.stop());

/** Decides the statements of one session in turn, each where the ones before have led. */
class Session {
  #names: Names = INITIAL_NAMES;
  readonly #prepared = new Map<string, StatementFacts>();

  decide(sql: string): Verdict {
    const { verdict, changes, prepared } = decide({
      facts: extract(sql),
      scope: EVERYDAY,
      outOfScope: 'deny',
      catalog,
      names: this.#names,
      prepared: (name) => this.#prepared.get(name),
      redactedText: sql,
    });
    if (verdict.effect === 'allow') {
      this.#names = addedNames(this.#names, changes);
      for (const [n, { name }] of verdict.effects.prepares.entries()) this.#prepared.set(name, prepared[n]!);
    }
    return verdict;
  }
}

for (const file of readdirSync(FOLDER))
  test(`${file}: what is in scope is allowed, what is not is refused`, (t) => {
    const session = new Session();
    const captured = readFileSync(join(FOLDER, file), 'utf8').trim().split('\n');
    for (const line of captured) {
      const { sql } = JSON.parse(line) as { sql: string };
      const sqlstate = REFUSED.find(([pattern]) => pattern.test(sql))?.[1] ?? null;
      const { error } = session.decide(sql);
      t.is(error?.sqlstate ?? null, sqlstate, `${sql}\n${error?.message} ${error?.detail}`);
    }
  });

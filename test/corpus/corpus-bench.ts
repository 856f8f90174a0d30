/** What one lane of cases runs on: a PostgreSQL, a proxy in front of it, and databases by the dozen. */
import { readFileSync } from 'node:fs';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';
import type { GrantLines } from './case-format.ts';
import { CorpusCopies } from './corpus-copies.ts';
import type { Address } from './corpus-session.ts';

export interface BenchOptions {
  /** Major version of an installed PostgreSQL; default: the embedded one. */
  readonly version?: number;
  /** With a database role for each grant that privileges stand for (`roles: ephemeral-or-service`). */
  readonly wall?: boolean;
}

/** ms; longer than a run takes on a slow machine. */
const TTL = 4 * 3_600_000;
/** Names of databases that the proxy knows of; fewer than a run takes, so that it meets them dropped and made anew. */
const NAMES = 50;
/** What a class's databases hold before its own set-up, by the kind of its cases. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  attacks: ['attacks/schema.sql'],
  benign: ['../clients/schema.sql', '../clients/seed.sql', 'benign/schema.sql', 'benign/seed.sql'],
};
/** Nobody's password is in question here, and SCRAM takes longer than most cases. */
const HBA = ['host all,replication all 127.0.0.1/32 trust'];
const SETTINGS = {
  autovacuum: 'off',
  max_connections: '200',
  wal_level: 'logical',
  max_prepared_transactions: '10',
  primary_conninfo: 'host=primary password=TOPSECRET',
};

export class CorpusBench {
  readonly postgres: OwnPostgres;
  readonly version: number;
  readonly wall: boolean;
  readonly #postern: Postern;
  readonly #preparing = new Map<string, Promise<string>>();
  readonly #grants = new Map<string, Address>();
  /** Those that no database has now. */
  readonly #names = Array.from({ length: NAMES }, (_, i) => nameOf(i));

  static startSome(number: number, options: BenchOptions = {}): Promise<readonly CorpusBench[]> {
    return Promise.all(Array.from({ length: number }, () => CorpusBench.start(options)));
  }

  static async start(options: BenchOptions = {}): Promise<CorpusBench> {
    const version = options.version === undefined ? {} : { version: options.version };
    const postgres = await startPostgres({ ...version, settings: SETTINGS, hba: HBA });
    for (const [kind, files] of Object.entries(SCHEMAS)) {
      await postgres.query(`create database corpus_${kind}`);
      for (const file of files)
        await postgres.query(readFileSync(new URL(file, import.meta.url), 'utf8'), `corpus_${kind}`);
    }
    const [row] = await postgres.query('show server_version_num');
    const databases = Object.fromEntries(
      Array.from({ length: NAMES }, (_, i) => [
        nameOf(i),
        { url: postgres.url(nameOf(i)), ...(options.wall && { roles: 'ephemeral-or-service' }) },
      ]),
    );
    const postern = await startPostern({ postgres, databases: { [nameOf(0)]: '' }, config: { databases } });
    const major = Math.trunc(Number(row?.server_version_num) / 10_000);
    return new CorpusBench(postgres, postern, major, options.wall ?? false);
  }

  private constructor(postgres: OwnPostgres, postern: Postern, version: number, wall: boolean) {
    this.postgres = postgres;
    this.version = version;
    this.wall = wall;
    this.#postern = postern;
  }

  /** A template with the class's own objects in it; made when first asked for. */
  template(name: string, setup: string | undefined): Promise<string> {
    const known = this.#preparing.get(name);
    if (known !== undefined) return known;
    const made = this.#makeTemplate(
      `template_${this.#preparing.size}`,
      `corpus_${name.split('/')[0]}`,
      setup,
    );
    this.#preparing.set(name, made);
    return made;
  }

  copies(template: string): CorpusCopies {
    return new CorpusCopies(this.postgres, {
      copy: async () => {
        const name = this.#names.shift()!;
        await this.#copy(name, template);
        return name;
      },
      drop: async (name) => {
        await this.postgres.query(`drop database ${name} with (force)`);
        this.#names.push(name);
      },
    });
  }

  direct(database: string): Address {
    const { port, user, password } = this.postgres;
    return { port, user, password, database };
  }

  /** The same grant again for the same lines, unless it has limits, which are used up. */
  async granted(database: string, grant: GrantLines): Promise<Address> {
    const key = JSON.stringify([database, grant]);
    const known = this.#grants.get(key) ?? (await this.#grant(database, grant));
    if (Object.keys(grant.limits).length === 0) this.#grants.set(key, known);
    return known;
  }

  async #grant(database: string, grant: GrantLines): Promise<Address> {
    const { user, password } = await this.#postern.grant({ ...grant, database, ttl: TTL });
    return { port: this.#postern.port, user, password, database };
  }

  async stop(): Promise<void> {
    await this.#postern.stop();
    await this.postgres.stop();
  }

  async #makeTemplate(name: string, base: string, setup: string | undefined): Promise<string> {
    await this.#copy(name, base);
    if (setup !== undefined) await this.postgres.query(this.fill(setup, name), name);
    return name;
  }

  /** File by file, which is the faster way; before PostgreSQL 15 it is the only one. */
  async #copy(name: string, template: string): Promise<void> {
    const strategy = this.version < 15 ? '' : 'strategy file_copy';
    await this.postgres.query(`create database ${name} template ${template} ${strategy}`);
  }

  /** The text with its placeholders filled in. */
  fill(text: string, database: string): string {
    const { host, port, password, directory } = this.postgres;
    const values: Readonly<Record<string, string>> = {
      DB: database,
      TMP: `${directory}/data/${database}`,
      HOST: host,
      PORT: `${port}`,
      PASSWORD: password,
    };
    return text.replaceAll(/\$(DB|TMP|HOST|PORT|PASSWORD)\b/g, (_, name: string) => values[name]!);
  }
}

const nameOf = (index: number): string => `corpus_${index}`;

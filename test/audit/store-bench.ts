/** A spool and a store, for tests of the way between them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { CheckpointKey } from '../../audit/checkpoint.ts';
import type { SpooledEvent } from '../../audit/events.ts';
import { readSpool } from '../../audit/reader.ts';
import { Shipper, type ShipperOptions } from '../../audit/store/shipper.ts';
import type { StoreTarget } from '../../audit/store/store-target.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';

let schemas = 0;

export class StoreBench {
  readonly spool = mkdtempSync(join(tmpdir(), 'postern-store-'));
  readonly target: StoreTarget;
  readonly key = new CheckpointKey(CheckpointKey.generate());
  readonly #postgres: OwnPostgres;
  readonly #shippers: Shipper[] = [];

  /** A schema of its own in the server, by another port if something stands in between. */
  constructor(t: ExecutionContext, postgres: OwnPostgres, port = postgres.port) {
    const connectionString = postgres.url().replace(`:${postgres.port}/`, `:${port}/`);
    this.target = { connection: { connectionString }, schema: `trail_${++schemas}` };
    this.#postgres = postgres;
    t.teardown(async () => {
      await Promise.all(this.#shippers.map((shipper) => shipper.stop(0)));
      rmSync(this.spool, { recursive: true, force: true });
    });
  }

  get keys(): readonly string[] {
    return [this.key.publicKey];
  }

  shipper(more: Partial<ShipperOptions> = {}): Shipper {
    const shipper = new Shipper({ target: this.target, spool: this.spool, span: 'month', ...more });
    this.#shippers.push(shipper);
    shipper.start();
    return shipper;
  }

  /** Ships what is there, and stops. */
  async shipAll(more: Partial<ShipperOptions> = {}): Promise<void> {
    const shipper = this.shipper(more);
    await shipper.caughtUp();
    await shipper.stop(10_000);
  }

  /** Runs SQL where the store's tables are, as the superuser. */
  query<Row extends Record<string, unknown>>(sql: string): Promise<readonly Row[]> {
    return this.#postgres.query<Row>(`set search_path = ${this.target.schema}; ${sql}`);
  }

  /** Lines of the store, and of the spool: sorted, so that they can be compared. */
  async stored(): Promise<readonly string[]> {
    const rows = await this.query<{ line: string }>('select line from event');
    return rows.map(({ line }) => line).toSorted();
  }

  async spooled(): Promise<readonly string[]> {
    const lines: string[] = [];
    for await (const event of readSpool(this.spool)) lines.push(JSON.stringify(event satisfies SpooledEvent));
    return lines.toSorted();
  }
}

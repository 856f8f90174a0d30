import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import { failure, runSteps, SLOW, target } from '../steps.ts';

/** The generated client, as far as it is used here. */
type Method = (options?: object) => Promise<unknown>;
type Sql = (sql: string, ...values: readonly unknown[]) => Promise<unknown>;
interface Client {
  readonly [model: string]: Readonly<Record<string, Method>>;
}
interface Transactions {
  $queryRawUnsafe: Sql;
  $executeRawUnsafe: Sql;
  $transaction(work: (tx: Client & Transactions) => Promise<unknown>, options?: object): Promise<unknown>;
  $transaction(batch: readonly Promise<unknown>[]): Promise<unknown>;
  $connect(): Promise<void>;
  $disconnect(): Promise<void>;
}

/** OID of the type "char", which the introspection reads and adapter-pg does not know, and that of text. */
const [CHAR, TEXT] = [18, 25];

class IntrospectionPool extends pg.Pool {
  /** Columns of the last result that are "char". */
  chars: readonly string[] = [];

  override async query(...query: unknown[]): Promise<never> {
    const result: pg.QueryResult = await Reflect.apply(super.query, this, query);
    const fields = result.fields.filter((field) => field.dataTypeID === CHAR);
    for (const field of fields) field.dataTypeID = TEXT;
    this.chars = fields.map((field) => field.name);
    return result as never;
  }
}

class IntrospectionAdapter extends PrismaPg {
  readonly #pool: IntrospectionPool;

  constructor(pool: IntrospectionPool) {
    super(pool as never);
    this.#pool = pool;
  }

  override async connect() {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const { columnNames, columnTypes, rows } = await queryRaw(query);
      const types = columnNames.map((name, n) =>
        this.#pool.chars.includes(name) ? ColumnTypeEnum.Character : columnTypes[n]!,
      );
      return { columnNames, columnTypes: types, rows };
    };
    return adapter;
  }
}

/** `prisma db pull`; the command itself would download an engine first, this is the same engine as WASM. */
async function pull(): Promise<string> {
  const pool = new IntrospectionPool({ connectionString: target() });
  const content = 'datasource db {\n  provider = "postgresql"\n}\n';
  const factory = bindMigrationAwareSqlAdapterFactory(new IntrospectionAdapter(pool));
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', content]] }, () => {}, factory);
  const { schema } = await engine.introspect({
    schema: { files: [{ path: 'schema.prisma', content }] },
    baseDirectoryPath: '.',
    force: true,
    compositeTypeDepth: -1,
    namespaces: null,
  });
  await pool.end();
  return schema.files[0]!.content;
}

const GENERATOR =
  'generator client {\n provider = "prisma-client"\n output = "./client"\n importFileExtension = "ts"\n previewFeatures = ["partialIndexes"]\n}\n';

/** `prisma generate`, and the client that it makes. Inside the project, since it imports Prisma's runtime. */
async function generate(schema: string): Promise<Client & Transactions> {
  const root = join(import.meta.dirname, '../../../var');
  mkdirSync(root, { recursive: true });
  const directory = mkdtempSync(join(root, 'prisma-'));
  try {
    const file = join(directory, 'schema.prisma');
    writeFileSync(file, GENERATOR + schema);
    const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
    // Naming an engine that generating does not run keeps it from downloading one.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
    await promisify(execFile)(process.execPath, [cli, 'generate', '--schema', file], { env, cwd: directory });
    const { PrismaClient } = await import(join(directory, 'client/client.ts'));
    return new PrismaClient({ adapter: new PrismaPg({ connectionString: target(), max: 3 }) });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

let prisma: Client & Transactions;
const teams = (method: string, options?: object) => prisma.teams![method]!(options);
const customers = (method: string, options?: object) => prisma.customers![method]!(options);
const orders = (method: string, options?: object) => prisma.orders![method]!(options);
const readings = (method: string, options?: object) => prisma.readings![method]!(options);

await runSteps({
  introspect: async () => {
    const schema = await pull();
    prisma = await generate(schema);
    return schema.split('\n');
  },
  connect: () => prisma.$connect(),
  query: () =>
    customers('findMany', { select: { id: true, full_name: true }, orderBy: { id: 'asc' }, take: 2 }),
  prepared: async () => {
    const found = [];
    for (const id of [1, 2, 3])
      found.push(await customers('findUniqueOrThrow', { where: { id }, select: { email: true } }));
    return found;
  },
  commit: async () => {
    await prisma.$transaction([teams('create', { data: { name: 'east' } }), teams('count')]);
    return teams('count');
  },
  rollback: async () => {
    const undo = new Error('undo');
    await prisma
      .$transaction(
        async (tx) => {
          await tx.customers!.updateMany!({ data: { balance: 0 } });
          throw undo;
        },
        { isolationLevel: 'Serializable' },
      )
      .catch((error) => {
        if (error !== undo) throw error;
      });
    return customers('aggregate', { _sum: { balance: true } });
  },
  savepoint: async () => {
    const code = await prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe('savepoint one');
      const failed = await failure(() => tx.$executeRawUnsafe("insert into teams (name) values ('north')"));
      await tx.$executeRawUnsafe('rollback to savepoint one');
      await tx.teams!.create!({ data: { name: 'centre' } });
      return failed;
    });
    return [code, await teams('count')];
  },
  stream: async () => {
    let total = 0;
    let cursor = {};
    for (;;) {
      const page = (await readings('findMany', { take: 1000, orderBy: { id: 'asc' }, ...cursor })) as {
        id: number;
      }[];
      if (page.length === 0) return total;
      for (const { id } of page) total += id;
      cursor = { cursor: { id: page.at(-1)!.id }, skip: 1 };
    }
  },
  cancel: () =>
    failure(() =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe("set local statement_timeout = '200ms'");
        await tx.$queryRawUnsafe(SLOW);
      }),
    ),
  recover: async () => [
    await failure(() => prisma.$queryRawUnsafe('select 1 / (id - id) from teams')),
    await teams('create', { data: { name: 'north' } }).catch((error) => error.code),
    await failure(() => prisma.$queryRawUnsafe('selec 1')),
    await teams('count'),
  ],
  denial: async () => [
    await orders('deleteMany').catch((error) => [
      error.code,
      error.meta?.driverAdapterError?.cause?.originalCode,
    ]),
    await orders('delete', { where: { id: 1 } }).catch((error) => error.code),
    await failure(() => prisma.$executeRawUnsafe('delete from orders where id = $1', 1)),
    await orders('count'),
  ],
  'denial-in-block': async () => {
    const codes: string[] = [];
    await prisma.$transaction(async (tx) => {
      await tx.teams!.create!({ data: { name: 'lost' } });
      codes.push(await failure(() => tx.$executeRawUnsafe('delete from teams')));
      codes.push(await failure(() => tx.$queryRawUnsafe('select 1')));
    });
    return [...codes, await teams('count')];
  },
  relations: () =>
    customers('findMany', {
      select: {
        full_name: true,
        orders: { select: { id: true, total: true }, orderBy: { id: 'asc' }, take: 2 },
        teams: true,
      },
      where: { orders: { some: { total: { gt: 100 } } } },
      orderBy: { id: 'asc' },
      take: 2,
    }),
  'bulk-insert': () =>
    readings('createManyAndReturn', {
      data: [9901, 9902].map((id) => ({ id, sensor: 'a', value: id / 2, taken_at: new Date(id) })),
    }),
  paginate: () => orders('findMany', { where: { id: { gt: 5 } }, orderBy: { id: 'asc' }, take: 3, skip: 1 }),
  upsert: () => teams('upsert', { where: { id: 1 }, create: { name: 'north' }, update: { name: 'north' } }),
  json: () =>
    customers('updateManyAndReturn', {
      where: { profile: { path: ['level'], equals: 2 } },
      data: { profile: { level: 2, seen: [1, 'two', null] } },
      select: { profile: true },
    }),
  arrays: () =>
    customers('findMany', {
      select: { tags: true },
      where: { tags: { has: 'all' }, id: { in: [1, 3] } },
      orderBy: { id: 'asc' },
    }),
  dates: () =>
    orders('findMany', {
      where: { placed_at: { gte: new Date('2026-02-10T00:00:00Z') } },
      orderBy: { id: 'asc' },
      take: 2,
    }),
  pool: () =>
    Promise.all(
      [1, 2, 3, 4, 5, 6].map((id) =>
        orders('aggregate', { _sum: { total: true }, where: { customer_id: id } }),
      ),
    ),
});
await prisma!.$disconnect();

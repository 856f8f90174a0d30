import 'reflect-metadata';
import { DataSource, EntitySchema, MoreThan, MoreThanOrEqual } from 'typeorm';
import { failure, runSteps, SLOW, target } from '../steps.ts';

interface Team {
  id: number;
  name: string;
}
interface Customer {
  id: number;
  email: string;
  fullName: string;
  tags: string[];
  profile: Record<string, unknown>;
  born: string;
  balance: string;
  orders: Order[];
}
interface Order {
  id: string;
  status: string;
  total: string;
  placedAt: Date;
  customer: Customer;
}
interface Reading {
  id: number;
  sensor: string;
  value: number;
  takenAt: Date;
}

const Teams = new EntitySchema<Team>({
  name: 'teams',
  columns: { id: { type: 'int', primary: true, generated: 'increment' }, name: { type: 'text' } },
});
const Customers = new EntitySchema<Customer>({
  name: 'customers',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    email: { type: 'varchar' },
    fullName: { type: 'text', name: 'full_name' },
    tags: { type: 'text', array: true },
    profile: { type: 'jsonb' },
    born: { type: 'date' },
    balance: { type: 'numeric' },
  },
  relations: { orders: { type: 'one-to-many', target: 'orders', inverseSide: 'customer' } },
});
const Orders = new EntitySchema<Order>({
  name: 'orders',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    status: { type: 'enum', enum: ['new', 'paid', 'sent'], enumName: 'order_status' },
    total: { type: 'numeric' },
    placedAt: { type: 'timestamp', name: 'placed_at' },
  },
  relations: { customer: { type: 'many-to-one', target: 'customers', joinColumn: { name: 'customer_id' } } },
});
const Readings = new EntitySchema<Reading>({
  name: 'readings',
  columns: {
    id: { type: 'int', primary: true },
    sensor: { type: 'text' },
    value: { type: 'float8' },
    takenAt: { type: 'timestamptz', name: 'taken_at' },
  },
});

const source = new DataSource({
  type: 'postgres',
  url: target(),
  applicationName: 'typeorm',
  entities: [Teams, Customers, Orders, Readings],
  poolSize: 3,
});
const [teams, customers] = [source.getRepository(Teams), source.getRepository(Customers)];
const [orders, readings] = [source.getRepository(Orders), source.getRepository(Readings)];

await runSteps({
  connect: async () => (await source.initialize()).isInitialized,
  query: () => customers.find({ select: { id: true, fullName: true }, order: { id: 'ASC' }, take: 2 }),
  prepared: async () => {
    const found = [];
    for (const id of [1, 2, 3]) found.push((await customers.findOneByOrFail({ id })).email);
    return found;
  },
  commit: async () => {
    await source.transaction((manager) => manager.save(Teams, { name: 'east' }));
    return teams.count();
  },
  rollback: async () => {
    const runner = source.createQueryRunner();
    await runner.startTransaction('SERIALIZABLE');
    await runner.manager.createQueryBuilder().update(Customers).set({ balance: '0' }).execute();
    await runner.rollbackTransaction();
    await runner.release();
    return customers.sum('balance' as never);
  },
  savepoint: async () => {
    const code = await source.transaction(async (manager) => {
      const failed = await failure(() =>
        manager.transaction((inner) => inner.insert(Teams, { name: 'north' })),
      );
      await manager.insert(Teams, { name: 'centre' });
      return failed;
    });
    return [code, await teams.count()];
  },
  stream: async () => {
    let total = 0;
    const stream = await readings.createQueryBuilder('r').select('r.id', 'id').stream();
    for await (const row of stream) total += row.id;
    return total;
  },
  cancel: () =>
    failure(() =>
      source.transaction(async (manager) => {
        await manager.query("set local statement_timeout = '200ms'");
        await manager.query(SLOW);
      }),
    ),
  recover: async () => [
    await failure(() => source.query('select 1 / (id - id) from teams')),
    await failure(() => teams.insert({ name: 'north' })),
    await failure(() => source.query('selec 1')),
    await teams.count(),
  ],
  denial: async () => [
    await failure(() => orders.createQueryBuilder().delete().execute()),
    await failure(() => orders.delete('1')),
    await orders.count(),
  ],
  'denial-in-block': async () => {
    const codes: string[] = [];
    await source.transaction(async (manager) => {
      await manager.insert(Teams, { name: 'lost' });
      codes.push(await failure(() => manager.delete(Teams, { name: 'north' })));
      codes.push(await failure(() => manager.count(Teams)));
    });
    return [...codes, await teams.count()];
  },
  introspect: async () => {
    const runner = source.createQueryRunner();
    const tables = await runner.getTables(['customers', 'orders', 'teams']);
    await runner.release();
    return tables.map(({ name, columns, indices, uniques, checks, foreignKeys }) => ({
      name,
      columns: columns.map((column) => [
        column.name,
        column.type,
        column.isNullable,
        column.isPrimary,
        column.default,
      ]),
      keys: [indices, uniques, checks, foreignKeys].map((kind) => kind.map((key) => key.name)),
    }));
  },
  relations: () =>
    customers.find({
      select: { id: true, fullName: true },
      relations: { orders: true },
      order: { id: 'ASC', orders: { id: 'ASC' } },
      take: 2,
    }),
  'bulk-insert': async () =>
    (
      await readings
        .createQueryBuilder()
        .insert()
        .values([9901, 9902].map((id) => ({ id, sensor: 'a', value: id / 2, takenAt: new Date(id) })))
        .returning('*')
        .execute()
    ).raw,
  paginate: () =>
    orders.findAndCount({ where: { id: MoreThan('5') }, order: { id: 'ASC' }, take: 3, skip: 1 }),
  upsert: async () => (await teams.upsert({ name: 'north' }, ['name'])).raw,
  json: async () => {
    const customer = await customers
      .createQueryBuilder('c')
      .where("c.profile->>'level' = :level", { level: '2' })
      .getOneOrFail();
    customer.profile = { level: 2, seen: [1, 'two', null] };
    return (await customers.save(customer)).profile;
  },
  arrays: () =>
    customers
      .createQueryBuilder('c')
      .select(['c.id', 'c.tags'])
      .where(':tag = any (c.tags)', { tag: 'all' })
      .andWhereInIds([1, 3])
      .orderBy('c.id')
      .getMany(),
  dates: () =>
    orders.find({
      where: { placedAt: MoreThanOrEqual(new Date('2026-02-10T00:00:00Z')) },
      order: { id: 'ASC' },
      take: 2,
    }),
  settings: async () => {
    const own = new DataSource({
      type: 'postgres',
      url: target(),
      schema: 'public',
      parseInt8: true,
      entities: [Teams],
      extra: { statement_timeout: 60_000, max: 1 },
    });
    await own.initialize();
    const found = [await own.getRepository(Teams).count(), await own.query('show statement_timeout')];
    found.push(await failure(() => own.getRepository(Teams).createQueryBuilder().delete().execute()));
    await own.destroy();
    return found;
  },
  pool: () => Promise.all([1, 2, 3, 4, 5, 6].map((id) => orders.countBy({ customer: { id } }))),
});
await source.destroy();

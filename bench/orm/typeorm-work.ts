import 'reflect-metadata';
import { DataSource, EntitySchema } from 'typeorm';
import { customerOf, type OrmOptions, type OrmWork } from './work.ts';

interface Customer {
  id: number;
  name: string;
  email: string;
  balance: number;
  orders: Order[];
}
interface Order {
  id: number;
  status: string;
  total: number;
  placedAt: Date;
  customer: Customer;
}

const ID = { type: 'int', primary: true, generated: 'increment' } as const;
const Customers = new EntitySchema<Customer>({
  name: 'customers',
  columns: { id: ID, name: { type: 'text' }, email: { type: 'text' }, balance: { type: 'int' } },
  relations: { orders: { type: 'one-to-many', target: 'orders', inverseSide: 'customer' } },
});
const Orders = new EntitySchema<Order>({
  name: 'orders',
  columns: {
    id: ID,
    status: { type: 'text' },
    total: { type: 'int' },
    placedAt: { type: 'timestamptz', name: 'placed_at' },
  },
  relations: { customer: { type: 'many-to-one', target: 'customers', joinColumn: { name: 'customer_id' } } },
});

export async function typeormWork({ url, connections }: OrmOptions): Promise<OrmWork> {
  const source = new DataSource({
    ...{ type: 'postgres', url, applicationName: 'typeorm', poolSize: connections },
    entities: [Customers, Orders],
  });
  await source.initialize();
  const [customers, orders] = [source.getRepository(Customers), source.getRepository(Orders)];
  const order = (n: number) => ({
    ...{ status: 'new', total: n, placedAt: new Date() },
    customer: { id: customerOf(n) },
  });
  return {
    find: (n) => customers.findOneOrFail({ where: { id: customerOf(n) }, relations: { orders: true } }),
    list: (n) =>
      orders.find({
        where: { customer: { id: customerOf(n) }, status: 'new' },
        order: { id: 'ASC' },
        take: 10,
      }),
    insert: (n) => orders.insert(order(n)),
    transact: (n) =>
      source.transaction(async (manager) => {
        await manager.increment(Customers, { id: customerOf(n) }, 'balance', 1);
        await manager.insert(Orders, order(n));
      }),
    close: () => source.destroy(),
  };
}

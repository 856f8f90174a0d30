import { PrismaPg } from '@prisma/adapter-pg';
import { customerOf, type OrmOptions, type OrmWork } from './work.ts';

type Method = (options: object) => Promise<unknown>;
type Model = Readonly<Record<'findUniqueOrThrow' | 'findMany' | 'create' | 'update', Method>>;

/** The generated client, as far as it is used here. */
interface Client {
  readonly customer: Model;
  readonly order: Model;
  $transaction(work: (tx: Client) => Promise<unknown>): Promise<unknown>;
  $disconnect(): Promise<void>;
}

export async function prismaWork({ url, connections, client }: OrmOptions): Promise<OrmWork> {
  const { PrismaClient } = await import(client);
  const adapter = new PrismaPg({ connectionString: url, max: connections });
  const prisma: Client = new PrismaClient({ adapter });
  const order = (n: number) => ({ customerId: customerOf(n), status: 'new', total: n, placedAt: new Date() });
  return {
    find: (n) =>
      prisma.customer.findUniqueOrThrow({
        where: { id: customerOf(n) },
        include: { orders: { take: 3, orderBy: { id: 'asc' } } },
      }),
    list: (n) =>
      prisma.order.findMany({
        where: { customerId: customerOf(n), status: 'new' },
        orderBy: { id: 'asc' },
        take: 10,
      }),
    insert: (n) => prisma.order.create({ data: order(n) }),
    transact: (n) =>
      prisma.$transaction(async (tx) => {
        await tx.customer.update({ where: { id: customerOf(n) }, data: { balance: { increment: 1 } } });
        await tx.order.create({ data: order(n) });
      }),
    close: () => prisma.$disconnect(),
  };
}

import { DataTypes, Op, QueryTypes, Sequelize, Transaction } from 'sequelize';
import { failure, runSteps, SLOW, target } from '../steps.ts';

const db = new Sequelize(target(), {
  logging: false,
  pool: { max: 3 },
  define: { timestamps: false, underscored: true },
});
const identity = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true };
const Team = db.define('teams', { id: identity, name: DataTypes.TEXT });
const Customer = db.define('customers', {
  id: identity,
  email: DataTypes.STRING,
  fullName: DataTypes.TEXT,
  tags: DataTypes.ARRAY(DataTypes.TEXT),
  profile: DataTypes.JSONB,
  born: DataTypes.DATEONLY,
  balance: DataTypes.DECIMAL,
});
const Order = db.define('orders', {
  id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  status: DataTypes.ENUM('new', 'paid', 'sent'),
  total: DataTypes.DECIMAL,
  placedAt: DataTypes.DATE,
});
const Reading = db.define('readings', {
  id: { type: DataTypes.INTEGER, primaryKey: true },
  sensor: DataTypes.TEXT,
  value: DataTypes.DOUBLE,
  takenAt: DataTypes.DATE,
});
Customer.hasMany(Order, { foreignKey: 'customer_id' });
Order.belongsTo(Customer, { foreignKey: 'customer_id' });
const plain = { raw: true } as const;

await runSteps({
  connect: () => db.authenticate(),
  query: () => Customer.findAll({ attributes: ['id', 'fullName'], order: ['id'], limit: 2, ...plain }),
  prepared: async () => {
    const found = [];
    for (const id of [1, 2, 3])
      found.push(
        await db.query('select email from customers where id = $id', {
          bind: { id },
          type: QueryTypes.SELECT,
        }),
      );
    return found;
  },
  commit: async () => {
    await db.transaction((transaction) => Team.create({ name: 'east' }, { transaction }));
    return Team.count();
  },
  rollback: async () => {
    const transaction = await db.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE });
    await Customer.update({ balance: 0 }, { where: {}, transaction });
    await transaction.rollback();
    return Customer.sum('balance');
  },
  savepoint: async () => {
    const code = await db.transaction(async (transaction) => {
      const failed = await failure(() =>
        db.transaction({ transaction }, (inner) => Team.create({ name: 'north' }, { transaction: inner })),
      );
      await Team.create({ name: 'centre' }, { transaction });
      return failed;
    });
    return [code, await Team.count()];
  },
  /** Sequelize has no streams: a cursor in SQL. */
  stream: () =>
    db.transaction(async (transaction) => {
      let total = 0;
      await db.query('declare walk no scroll cursor for select id from readings', { transaction });
      for (;;) {
        const page = await db.query<{ id: number }>('fetch 700 from walk', {
          type: QueryTypes.SELECT,
          transaction,
        });
        if (page.length === 0) break;
        for (const { id } of page) total += id;
      }
      await db.query('close walk', { transaction });
      return total;
    }),
  cancel: () =>
    failure(() =>
      db.transaction(async (transaction) => {
        await db.query("set local statement_timeout = '200ms'", { transaction });
        await db.query(SLOW, { transaction });
      }),
    ),
  recover: async () => [
    await failure(() => db.query('select 1 / (id - id) from teams')),
    await failure(() => Team.create({ name: 'north' })),
    await failure(() => db.query('selec 1')),
    await Team.count(),
  ],
  denial: async () => [
    await failure(() => Order.destroy({ where: {} })),
    await failure(() => Order.destroy({ where: { id: 1 } })),
    await Order.count(),
  ],
  'denial-in-block': async () => {
    const codes: string[] = [];
    await db.transaction(async (transaction) => {
      await Team.create({ name: 'lost' }, { transaction });
      codes.push(await failure(() => Team.destroy({ where: {}, transaction })));
      codes.push(await failure(() => Team.count({ transaction })));
    });
    return [...codes, await Team.count()];
  },
  introspect: async () => {
    const asked = db.getQueryInterface();
    const indexes = (await asked.showIndex('customers')) as readonly { name: string; unique: boolean }[];
    return {
      tables: ((await asked.showAllTables()) as readonly string[]).toSorted(),
      customers: await asked.describeTable('customers'),
      orders: await asked.describeTable('orders'),
      keys: await asked.getForeignKeyReferencesForTable('orders'),
      indexes: indexes.map(({ name, unique }) => [name, unique]),
      exists: await asked.tableExists('missing'),
    };
  },
  relations: async () =>
    (
      await Customer.findAll({
        attributes: ['id', 'fullName'],
        include: { model: Order, attributes: ['id', 'total'] },
        order: ['id', [Order, 'id', 'asc']],
        limit: 2,
      })
    ).map((customer) => customer.toJSON()),
  'bulk-insert': async () =>
    (
      await Reading.bulkCreate(
        [9901, 9902].map((id) => ({ id, sensor: 'a', value: id / 2, takenAt: new Date(id) })),
        { returning: true },
      )
    ).map((reading) => reading.toJSON()),
  paginate: () =>
    Order.findAndCountAll({ where: { id: { [Op.gt]: 5 } }, order: ['id'], limit: 3, offset: 1, ...plain }),
  upsert: async () => (await Team.upsert({ id: 1, name: 'north' }))[0].toJSON(),
  json: () =>
    Customer.update(
      { profile: { level: 2, seen: [1, 'two', null] } },
      { where: { profile: { level: 2 } }, returning: ['profile'] },
    ).then(([changed, customers]) => [changed, customers]),
  arrays: () =>
    Customer.findAll({
      attributes: ['tags'],
      where: { tags: { [Op.contains]: ['all'] }, id: [1, 3] },
      order: ['id'],
      ...plain,
    }),
  dates: () =>
    Order.findAll({
      where: { placedAt: { [Op.gte]: new Date('2026-02-10T00:00:00Z') } },
      order: ['id'],
      limit: 2,
      ...plain,
    }),
  settings: async () => {
    const own = new Sequelize(target(), {
      logging: false,
      schema: 'public',
      timezone: '+02:00',
      dialectOptions: {
        statement_timeout: 60_000,
        application_name: 'settings',
        clientMinMessages: 'notice',
      },
    });
    const found = [await own.query('show timezone'), await failure(() => own.query('delete from customers'))];
    found.push(await own.query('show statement_timeout'));
    await own.close();
    return found;
  },
  pool: () => Promise.all([1, 2, 3, 4, 5, 6].map((id) => Order.sum('total', { where: { customer_id: id } }))),
});
await db.close();

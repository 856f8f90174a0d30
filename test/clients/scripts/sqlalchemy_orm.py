import datetime
import io

from sqlalchemy import (
    TIMESTAMP, Column, Date, Enum, Float, ForeignKey, Integer, MetaData, Numeric, String, Text, create_engine, func,
    inspect, select, text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, declarative_base, relationship, selectinload
from steps import SLOW, cancelling, failure, run_steps, target

Base = declarative_base()


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(Text)


class Customer(Base):
    __tablename__ = "customers"
    id = Column(Integer, primary_key=True)
    email = Column(String(120))
    full_name = Column(Text)
    tags = Column(ARRAY(Text))
    profile = Column(JSONB)
    born = Column(Date)
    balance = Column(Numeric)
    orders = relationship("Order", order_by="Order.id")


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customers.id"))
    status = Column(Enum("new", "paid", "sent", name="order_status"))
    total = Column(Numeric)
    placed_at = Column(TIMESTAMP)


class Reading(Base):
    __tablename__ = "readings"
    id = Column(Integer, primary_key=True, autoincrement=False)
    sensor = Column(Text)
    value = Column(Float)
    taken_at = Column(TIMESTAMP(timezone=True))


engine = create_engine(target(), future=True, pool_size=3, pool_pre_ping=True)


def fails(session, statement):
    return failure(DBAPIError, lambda: session.execute(statement), lambda error: error.orig.pgcode)


def count(table):
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table))


def connect():
    with engine.connect() as connection:
        return [connection.scalar(text("select current_database()")), engine.dialect.default_schema_name]


def query():
    with Session(engine) as session:
        return session.execute(select(Customer.id, Customer.full_name).order_by(Customer.id).limit(2)).all()


def prepared():
    """psycopg2 prepares nothing by itself: this is PREPARE and EXECUTE in SQL."""
    with engine.connect() as connection:
        connection.execute(text("prepare by_id (int) as select email from customers where id = $1"))
        found = [connection.scalar(text(f"execute by_id ({id})")) for id in (1, 2, 3)]
        connection.execute(text("deallocate by_id"))
        return found


def commit():
    with Session(engine) as session, session.begin():
        session.add(Team(name="east"))
    return count(Team)


def rollback():
    with Session(engine.execution_options(isolation_level="SERIALIZABLE")) as session:
        for customer in session.scalars(select(Customer)):
            customer.balance = 0
        session.flush()
        session.rollback()
        return session.scalar(select(func.sum(Customer.balance)))


def savepoint():
    with Session(engine) as session, session.begin():
        def nested():
            with session.begin_nested():
                session.add(Team(name="north"))
        code = failure(DBAPIError, nested, lambda error: error.orig.pgcode)
        session.add(Team(name="centre"))
    return [code, count(Team)]


def copy_in():
    lines = io.StringIO("".join(f"{9000 + n}\tcopied\t{n}\t2026-04-01\n" for n in range(500)))
    with engine.begin() as connection:
        connection.connection.cursor().copy_from(lines, "readings")
        return connection.scalar(select(func.count()).where(Reading.sensor == "copied"))


def copy_out():
    out = io.StringIO()
    with engine.connect() as connection:
        connection.connection.cursor().copy_expert("copy (select id from readings where id < 4 order by id) to stdout", out)
    return out.getvalue()


def stream():
    with Session(engine) as session:
        named_cursor = session.scalars(select(Reading.id).execution_options(stream_results=True, yield_per=300))
        return sum(named_cursor)


def cancel():
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        return [cancelling(lambda: fails(connection, text(SLOW)), driver.cancel), count(Team)]


def recover():
    codes = []
    for statement in ("select 1 / (id - id) from teams", "insert into teams (name) values ('north')", "selec 1"):
        with engine.connect() as connection:
            codes.append(fails(connection, text(statement)))
    return [*codes, count(Team)]


def denial():
    with Session(engine) as session:
        first = fails(session, Order.__table__.delete())
        session.rollback()
        order = session.get(Order, 1)
        session.delete(order)
        second = failure(DBAPIError, session.flush, lambda error: error.orig.pgcode)
    return [first, second, count(Order)]


def denial_in_block():
    with Session(engine) as session:
        session.add(Team(name="lost"))
        session.flush()
        codes = [fails(session, Team.__table__.delete()), fails(session, text("select 1"))]
        session.commit()
    return [*codes, count(Team)]


def introspect():
    inspector = inspect(engine)
    reflected = MetaData()
    reflected.reflect(engine, views=True)
    return {
        "tables": sorted(inspector.get_table_names()),
        "views": inspector.get_view_names(),
        "view": inspector.get_view_definition("customer_totals"),
        "columns": {
            name: [(column.name, str(column.type), column.nullable) for column in table.columns]
            for name, table in sorted(reflected.tables.items())
        },
        "keys": inspector.get_foreign_keys("orders"),
        "primary": inspector.get_pk_constraint("orders"),
        "unique": inspector.get_unique_constraints("orders"),
        "checks": inspector.get_check_constraints("customers"),
        "indexes": [index["name"] for index in inspector.get_indexes("customers")],
        "comment": inspector.get_table_comment("customers"),
        "enums": inspector.get_enums(),
        "missing": inspector.has_table("missing"),
    }


def relations():
    with Session(engine) as session:
        wanted = select(Customer).options(selectinload(Customer.orders)).order_by(Customer.id).limit(2)
        return [(customer.full_name, [order.total for order in customer.orders]) for customer in session.scalars(wanted)]


def bulk_insert():
    with Session(engine) as session, session.begin():
        moment = datetime.datetime(2026, 4, 1, tzinfo=datetime.timezone.utc)
        readings = [{"id": 9901 + n, "sensor": "a", "value": n / 2, "taken_at": moment} for n in range(3)]
        session.bulk_insert_mappings(Reading, [{**reading, "id": reading["id"] - 100} for reading in readings])
        return session.execute(insert(Reading).values(readings).returning(Reading.id, Reading.value)).all()


def paginate():
    with Session(engine) as session:
        return session.scalars(select(Order.id).where(Order.id > 5).order_by(Order.id).limit(3).offset(1)).all()


def upsert():
    with Session(engine) as session, session.begin():
        statement = insert(Team).values(id=1, name="north")
        statement = statement.on_conflict_do_update(index_elements=["id"], set_={"name": statement.excluded.name})
        return session.execute(statement.returning(Team.id, Team.name)).all()


def json():
    with Session(engine) as session, session.begin():
        customer = session.scalars(select(Customer).where(Customer.profile["level"].as_integer() == 2)).one()
        customer.profile = {"level": 2, "seen": [1, "two", None]}
        session.flush()
        session.refresh(customer)
        return customer.profile


def arrays():
    with Session(engine) as session:
        wanted = select(Customer.id, Customer.tags).where(Customer.tags.contains(["all"]), Customer.id.in_([1, 3]))
        return session.execute(wanted.order_by(Customer.id)).all()


def dates():
    with Session(engine) as session:
        wanted = select(Order.placed_at, Order.placed_at - datetime.datetime(2026, 1, 1), func.date_trunc("month", Order.placed_at))
        return session.execute(wanted.where(Order.placed_at >= datetime.date(2026, 2, 10)).order_by(Order.id).limit(2)).all()


def settings():
    own = create_engine(
        target(),
        future=True,
        isolation_level="AUTOCOMMIT",
        executemany_mode="values_plus_batch",
        connect_args={"options": "-c statement_timeout=60000", "application_name": "settings", "keepalives": 1},
    )
    with own.connect() as connection:
        found = [connection.scalar(text("show statement_timeout")), fails(connection, text("delete from customers"))]
        moment = datetime.datetime(2026, 4, 1, tzinfo=datetime.timezone.utc)
        many = [{"id": 9500 + n, "sensor": "many", "value": n, "taken_at": moment} for n in range(40)]
        connection.execute(Reading.__table__.insert(), many)
        found.append(connection.scalar(select(func.count()).where(Reading.sensor == "many")))
    own.dispose()
    return found


def pool():
    with Session(engine) as one, Session(engine) as two, Session(engine) as three:
        wanted = [select(func.sum(Order.total)).where(Order.customer_id == id) for id in (1, 2, 3)]
        return [session.scalar(statement) for session, statement in zip((one, two, three), wanted)]


run_steps(
    [
        connect, query, prepared, commit, rollback, savepoint, copy_in, copy_out, stream, cancel, recover, denial,
        denial_in_block, introspect, relations, bulk_insert, paginate, upsert, json, arrays, dates, settings, pool,
    ]
)
engine.dispose()

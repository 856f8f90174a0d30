import datetime
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg.types.json import Jsonb
from steps import SLOW, cancelling, failure, run_steps, target

conn = None


def rows(sql, *values):
    return conn.execute(sql, values or None).fetchall()


def count(table):
    return rows(f"select count(*) from {table}")[0][0]


def fails(sql, *values):
    return failure(psycopg.Error, lambda: conn.execute(sql, values or None), lambda error: error.sqlstate)


def connect():
    global conn
    conn = psycopg.connect(target(), autocommit=True, application_name="psycopg")
    return conn.info.dbname


def query():
    return rows("select id, full_name, balance from customers order by id limit 2")


def prepared():
    cursor = conn.cursor()
    return [
        cursor.execute("select email from customers where id = %s", (id,), prepare=True).fetchone()
        for id in (1, 2, 3)
    ]


def prepared_binary():
    cursor = conn.cursor(binary=True)
    cursor.execute("select id, balance, created_at, tags, profile from customers where id = any (%b)", ([1, 2],), prepare=True)
    return cursor.fetchall()


def commit():
    with conn.transaction():
        conn.execute("insert into teams (name) values ('east')")
    return count("teams")


def rollback():
    with conn.transaction() as transaction:
        conn.execute("update customers set balance = 0")
        raise psycopg.Rollback(transaction)


def rolled_back():
    return rows("select sum(balance) from customers")


def savepoint():
    with conn.transaction():
        def insert():
            with conn.transaction():
                conn.execute("insert into teams (name) values ('north')")
        code = failure(psycopg.Error, insert, lambda error: error.sqlstate)
        conn.execute("insert into teams (name) values ('centre')")
    return [code, count("teams")]


def copy_in():
    with conn.cursor().copy("copy readings from stdin") as copy:
        for n in range(500):
            copy.write_row((9000 + n, "copied", n, "2026-04-01"))
    return rows("select count(*), sum(value) from readings where sensor = 'copied'")


def copy_in_abandoned():
    def abandon():
        with conn.cursor().copy("copy readings from stdin") as copy:
            copy.write_row((8000, "lost", 0, "2026-04-01"))
            raise KeyError("changed my mind")
    code = failure(psycopg.Error, abandon, lambda error: error.sqlstate)
    return [code, conn.info.transaction_status.name, rows("select count(*) from readings where sensor = 'lost'")]


def copy_out():
    with conn.cursor().copy("copy (select id, sensor from readings where id < 4 order by id) to stdout") as copy:
        return [bytes(block).decode() for block in copy]


def stream():
    with conn.transaction(), conn.cursor(name="all readings") as cursor:
        cursor.itersize = 300
        cursor.execute("select id from readings where id <= %s", (4000,))
        total = sum(id for (id,) in cursor)
    one_by_one = sum(id for (id,) in conn.cursor().stream("select id from readings where id <= 2000"))
    with conn.transaction(), conn.cursor(name="back", scrollable=True) as cursor:
        cursor.execute("select id from readings order by id")
        cursor.scroll(10, mode="absolute")
        return [total, one_by_one, cursor.fetchmany(2)]


def cancel():
    return [cancelling(lambda: fails(SLOW), conn.cancel), count("teams")]


def recover():
    return [
        fails("select 1 / (id - id) from teams"),
        fails("insert into teams (name) values ('north')"),
        fails("selec 1"),
        count("teams"),
    ]


def denial():
    return [fails("delete from orders"), fails("delete from orders where id = %s", 1), count("orders")]


def denial_in_block():
    conn.autocommit = False
    try:
        conn.execute("insert into teams (name) values ('lost')")
        codes = [fails("delete from teams"), fails("select 1")]
        status = conn.info.transaction_status.name
        conn.commit()
    finally:
        conn.rollback()
        conn.autocommit = True
    return [*codes, status, count("teams")]


def pipeline():
    with conn.pipeline():
        cursors = [conn.execute("select full_name from customers where id = %s", (id,)) for id in (1, 2, 3)]
    return [cursor.fetchone() for cursor in cursors]


def denial_in_pipeline():
    def attempt():
        with conn.pipeline() as pipe:
            conn.execute("insert into teams (name) values ('piped')")
            pipe.sync()
            conn.execute("insert into teams (name) values ('undone')")
            conn.execute("delete from teams")
            conn.execute("select 1")

    code = failure(psycopg.Error, attempt, lambda error: error.sqlstate)
    return [code, rows("select name from teams where name in ('piped', 'undone')")]


def introspect():
    return rows(
        """select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
           from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
           order by c.relname, a.attnum"""
    )


def relations():
    return rows("select c.full_name, o.total from customers c join orders o on o.customer_id = c.id order by o.id limit 3")


def bulk_insert():
    cursor = conn.cursor()
    values = [(9901, "a", 1.5, "2026-04-02"), (9902, "b", 2.5, "2026-04-03")]
    cursor.executemany("insert into readings values (%s, %s, %s, %s) returning id", values, returning=True)
    first = cursor.fetchone()
    return [first, cursor.nextset(), cursor.fetchone()]


def paginate():
    return rows("select id from orders where id > %s order by id limit %s offset %s", 5, 3, 1)


def upsert():
    return rows(
        "insert into teams (id, name) values (1, %s) on conflict (id) do update set name = excluded.name returning *",
        "north",
    )


def json():
    return rows(
        """update customers set profile = profile || %s
           where profile->'nested'->>'dark' = 'true' and profile @> %s returning profile""",
        Jsonb({"seen": [1, "two", None]}),
        Jsonb({"level": 2}),
    )


def arrays():
    return rows("select id, tags from customers where %s = any (tags) and id = any (%s)", "all", [1, 3])


def dates():
    return rows(
        """select born, placed_at, placed_at - %s from customers c join orders o on o.customer_id = c.id
           where o.placed_at >= %s order by o.id limit 2""",
        datetime.datetime(2026, 1, 1),
        datetime.datetime(2026, 2, 10),
    )


def settings():
    found = []
    startup = {"options": "-c search_path=public -c work_mem=8MB", "client_encoding": "utf8"}
    for setting in (
        {"prepare_threshold": None},
        {"prepare_threshold": 0},
        {"cursor_factory": psycopg.ClientCursor},
        {"gssencmode": "disable", "sslmode": "prefer", "connect_timeout": 10},
        {"target_session_attrs": "read-write"},
        startup,
    ):
        with psycopg.connect(target(), autocommit=True, **setting) as own:
            found.append(own.execute("select id, tags, current_setting('work_mem') from customers where id = %s", (1,)).fetchone())
            denied = lambda: own.execute("delete from customers where id = %s", (1,))  # noqa: E731
            found.append(failure(psycopg.Error, denied, lambda error: error.sqlstate))
            found.append(own.execute("select count(*) from customers where id > %s", (1,)).fetchone())
    return found


def pool():
    """psycopg's own pool is a package of its own: a connection a thread is what it comes to."""
    def total(id):
        with psycopg.connect(target()) as own:
            return own.execute("select sum(total) from orders where customer_id = %s", (id,)).fetchone()
    with ThreadPoolExecutor(3) as executor:
        return list(executor.map(total, range(1, 7)))


run_steps(
    [
        connect, query, prepared, prepared_binary, commit, rollback, rolled_back, savepoint, copy_in, copy_in_abandoned,
        copy_out, stream, cancel, recover, denial, denial_in_block, pipeline, denial_in_pipeline, introspect, relations,
        bulk_insert, paginate, upsert, json, arrays, dates, settings, pool,
    ]
)
conn.close()

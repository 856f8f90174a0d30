"""The frame of a client script: see ../steps.ts."""
import datetime
import decimal
import json
import sys
import threading
import time
import traceback

SLOW = "select count(*) from readings a, readings b, readings c where a.value + b.value > c.value"


def target():
    if len(sys.argv) != 2:
        sys.exit("usage: script.py postgresql://user:password@host:port/database")
    return sys.argv[1]


def cancelling(work, cancel):
    """What comes of `work` when it is cancelled; asks again until something does, as in ../steps.ts."""
    over = threading.Event()

    def ask():
        wait = 0.1
        while not over.wait(wait):
            cancel()
            wait = 0.4

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        return work()
    finally:
        over.set()
        asking.join()
        time.sleep(0.4)


def run_steps(steps):
    """Runs the functions in order under their names; one that fails does not keep the rest from running."""
    for step in steps:
        name = step.__name__.replace("_", "-")
        try:
            report(name, True, step())
        except Exception:
            report(name, False, traceback.format_exc())


def failure(kind, work, sqlstate):
    """The SQLSTATE, as `sqlstate(error)` finds it, with which `work` fails; it must be by an error of `kind`."""
    try:
        work()
    except kind as error:
        return sqlstate(error)
    raise AssertionError("no error where one was expected")


def report(step, ok, detail):
    print(json.dumps({"step": step, "ok": ok, "detail": detail}, default=plain), flush=True)


def plain(value):
    if isinstance(value, (decimal.Decimal, datetime.date, datetime.timedelta)):
        return str(value)
    if isinstance(value, memoryview):
        return bytes(value).hex()
    return list(value)

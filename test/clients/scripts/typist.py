"""Types into psql on a terminal, and prints what each key sequence left on the screen: typist.py URL KEYS..."""
import os
import pty
import re
import select
import sys


def main(url, *sequences):
    os.environ.update(TERM="dumb", PAGER="cat", PSQL_HISTORY="/dev/null", PSQLRC="/dev/null", INPUTRC="/dev/null")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execlp("psql", "psql", url)
    read_until_quiet(terminal)
    for keys in sequences:
        os.write(terminal, keys.encode())
        print(printable(read_until_quiet(terminal)))
    os.write(terminal, b"\\q\r")
    os.waitpid(pid, 0)


def read_until_quiet(terminal):
    """Everything until a quarter of a second passes without output; something must come first."""
    seen = b""
    while select.select([terminal], [], [], 0.25 if seen else 10)[0]:
        seen += os.read(terminal, 4096)
    return seen


def printable(output):
    return re.sub(r"[^\x20-\x7e\n]", "", re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", output.decode()))


main(*sys.argv[1:])

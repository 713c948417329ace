"""Goes on after tree-swap.py: changes rows of a SQLite database, where its locks count. main/trinity/change-database.ts does the same in a
folder that is in reach."""

import sqlite3
import urllib.parse

BUSY_SECONDS = 10


def change_database(root, relative):
    """Takes statements with one text for each from stdin, runs them as one transaction, and tells how many rows each has changed."""

    def work():
        question = json.loads(sys.stdin.buffer.read(MOST_QUESTION))
        path = os.path.realpath(os.path.join(root, relative))
        if not path.startswith(root + "/") or not os.path.isfile(path):
            raise Refused("failed", "The database is not there. Look whether Trinity has one.")
        try:
            return {"changed": run_statements(path, question["statements"])}
        except sqlite3.Error as problem:
            raise Refused("failed", "The database could not be changed (%s). Try again." % problem) from problem

    answer(work)


def run_statements(path, statements):
    address = "file:" + urllib.parse.quote(path) + "?mode=rw"
    database = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        database.execute("PRAGMA trusted_schema=OFF")
        database.execute("BEGIN IMMEDIATE")
        changed = [database.execute(one["sql"], (one["text"],)).rowcount for one in statements]
        database.execute("COMMIT")
        return changed
    finally:
        database.close()


COMMANDS["change"] = change_database

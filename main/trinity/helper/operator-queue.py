"""Keeps one item for one cause in Trinity's operator queue. Runs in the backend's container, which alone may write the database
(its locks do not reach over the border of a virtual machine). Reads what to do from stdin, as JSON, and says what came of it:
`written`, `closed`, or `unknown` where the table is not as it is known here."""

import datetime
import json
import os
import sqlite3
import sys
import urllib.parse
import uuid

NEEDED = {"id", "agent_name", "request_id", "type", "status", "priority", "title", "question", "context", "created_at"}
SENTINEL = "_trinity-backup"


def main():
    ask = json.load(sys.stdin)
    path = urllib.parse.quote(os.path.abspath(ask["database"]))
    database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=5, isolation_level=None)
    columns = {row[1] for row in database.execute("PRAGMA table_info(operator_queue)")}
    if not NEEDED <= columns:
        return "unknown"
    database.execute("BEGIN IMMEDIATE")
    # All rows of one cause begin alike; each time that it comes back is a row of its own.
    prefix = f"trinity-backup:{ask['key']}:"
    request = prefix + ask["since"]
    close_others(database, prefix, request if ask["open"] else None)
    if ask["open"]:
        write(database, request, ask)
    database.execute("COMMIT")
    return "written" if ask["open"] else "closed"


def close_others(database, prefix, request):
    database.execute(
        "UPDATE operator_queue SET status = 'cancelled' WHERE agent_name = ? AND status = 'pending'"
        " AND substr(request_id, 1, ?) = ? AND request_id IS NOT ?",
        (SENTINEL, len(prefix), prefix, request),
    )


def write(database, request, ask):
    """An item that the operator has answered stays answered."""
    words = (ask["priority"], ask["title"], ask["question"])
    known = database.execute(
        "UPDATE operator_queue SET priority = ?, title = ?, question = ?"
        " WHERE agent_name = ? AND request_id = ? AND status = 'pending'",
        (*words, SENTINEL, request),
    )
    if known.rowcount > 0:
        return
    now = datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    context = json.dumps({"source": "trinity-backup", "cause": ask["key"]})
    database.execute(
        "INSERT OR IGNORE INTO operator_queue"
        " (id, agent_name, request_id, type, status, priority, title, question, context, created_at)"
        " VALUES (?, ?, ?, 'alert', 'pending', ?, ?, ?, ?, ?)",
        (uuid.uuid4().hex, SENTINEL, request, *words, context, now),
    )


print(main())

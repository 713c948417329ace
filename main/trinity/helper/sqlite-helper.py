"""Sends a SQLite database to Trinity Backup from inside a container, where its locks count: Python 3.9 or later, standard library alone.

`copy FILE BUSY_SECONDS LIMIT_SECONDS` reads the file below /tree, with what of its journals belongs to it, while no writer can commit;
`look FILE` tells of the file alone. Stdout is frames: a letter, four bytes of length (big-endian), the body. F: a file begins (JSON),
D: its bytes, E: the end (JSON). Nothing is ever written.
"""

import hashlib
import json
import os
import sqlite3
import struct
import sys
import time
import urllib.parse

ROOT = "/tree"
PIECE = 1048576
EXIT_MISSING, EXIT_BUSY, EXIT_TOO_LONG = 11, 12, 13


def frame(letter, body):
    sys.stdout.buffer.write(letter + struct.pack(">I", len(body)) + body)


def frame_json(letter, value):
    frame(letter, json.dumps(value).encode())


def fail(code, message):
    sys.stdout.buffer.flush()
    print(message, file=sys.stderr)
    sys.exit(code)


def describe(stat, suffix):
    return {
        "suffix": suffix,
        "mode": stat.st_mode & 0o7777,
        "uid": stat.st_uid,
        "gid": stat.st_gid,
        "size": stat.st_size,
        "mtimeNs": str(stat.st_mtime_ns),
        "inode": str(stat.st_ino),
    }


def place(relative):
    """A link may lead on, but not out of the volume."""
    path = os.path.realpath(os.path.join(ROOT, relative))
    if not path.startswith(ROOT + "/") or not os.path.isfile(path):
        fail(EXIT_MISSING, "it is not there")
    return path


def lock(path, busy_seconds):
    """A connection that keeps writers from committing, or None where the file cannot be read as a database without writing to it."""
    connection = sqlite3.connect(
        "file:" + urllib.parse.quote(path) + "?mode=ro", uri=True, timeout=busy_seconds, isolation_level=None
    )
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return connection
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            fail(EXIT_BUSY, "it stayed locked")
        return None
    except sqlite3.DatabaseError:
        return None


def send(descriptor, suffix, digest, deadline):
    frame_json(b"F", describe(os.fstat(descriptor), suffix))
    at = 0
    while True:
        piece = os.pread(descriptor, PIECE, at)
        if not piece:
            return
        if time.monotonic() > deadline:
            fail(EXIT_TOO_LONG, "reading it would lock writers out for too long")
        digest.update(piece)
        frame(b"D", piece)
        at += len(piece)


def copy(relative, busy_seconds, limit_seconds):
    path = place(relative)
    # Opened before the lock and not closed again: closing any descriptor of a file gives up all locks that a process has on it.
    main = os.open(path, os.O_RDONLY)
    connection = lock(path, busy_seconds)
    began = time.monotonic()
    deadline = began + limit_seconds if connection is not None else float("inf")
    digest = hashlib.sha256()
    send(main, "", digest, deadline)
    # The journal of a writer that has not committed is not part of the database; of one that died it is.
    for suffix in ("-wal",) if connection is not None else ("-journal", "-wal"):
        try:
            send(os.open(path + suffix, os.O_RDONLY), suffix, digest, deadline)
        except FileNotFoundError:
            pass
    sys.stdout.buffer.flush()
    locked_ms = (time.monotonic() - began) * 1000
    is_wal = connection is not None and connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    end = {
        "method": "raw" if connection is None else "locked",
        # Readers of a write-ahead log lock nobody out.
        "lockedMs": 0 if connection is None or is_wal else locked_ms,
        "sha256": digest.hexdigest(),
    }
    if connection is not None:
        connection.close()
    frame_json(b"E", end)


def main():
    command, relative = sys.argv[1:3]
    if command == "copy":
        copy(relative, float(sys.argv[3]), float(sys.argv[4]))
    else:
        frame_json(b"F", describe(os.stat(place(relative)), ""))
        frame_json(b"E", {"method": "look", "lockedMs": 0, "sha256": hashlib.sha256().hexdigest()})
    sys.stdout.buffer.flush()


main()

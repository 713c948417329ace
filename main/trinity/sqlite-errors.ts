import Database from 'better-sqlite3';

function codeOf(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}

/** The bytes are no sound database, as opposed to: it could not be looked at. */
export function isCorrupt(error: unknown): boolean {
  return /^SQLITE_(?:CORRUPT|NOTADB)/u.test(codeOf(error));
}

/** Another process held a lock for longer than the busy timeout. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(?:BUSY|LOCKED)/u.test(codeOf(error));
}

/** A file system is full. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_FULL';
}

/** Reading needs to write beside the database (roll back a journal, make the shared memory of a WAL), and it may or must not. */
export function needsWriting(error: unknown): boolean {
  return /^SQLITE_(?:READONLY|CANTOPEN|PERM)/u.test(codeOf(error));
}

/** A statement that reads the schema or obeys its constraints could not: an unknown module, collation or function. */
export function isSchemaTrouble(error: unknown): boolean {
  return /^SQLITE_(?:ERROR|CONSTRAINT)/u.test(codeOf(error));
}

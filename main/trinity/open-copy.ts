import { closeSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import { isCorrupt } from './sqlite-errors.ts';

export type CopyDatabase = Database.Database;

/**
 * Opens a private copy of a database that nobody else uses; the file stays as it is. What stands in its schema cannot call
 * anything that is not harmless. With WAL in its header SQLite makes sidecars while it is open, which go when it is closed.
 */
export function openCopy(file: string): CopyDatabase {
  // Read-only, SQLite would leave the sidecars lying there.
  const database = new Database(file, { readonly: !saysWal(file), fileMustExist: true });
  database.pragma('trusted_schema=OFF');
  database.pragma('cell_size_check=ON');
  database.pragma('temp_store=MEMORY');
  return database;
}

/**
 * Runs `read` on a copy. Throws `damaged` when the bytes are no sound database, or when a sidecar beside it would first have to be
 * worked in (a damaged database that was taken raw); `unavailable` when there is no file.
 */
export function readCopy<Result>(file: string, read: (database: CopyDatabase) => Result): Result {
  if (sizeOf(file) === undefined) {
    throw new AppError('unavailable', `${file} is not there, so it cannot be read. Make the copy again.`);
  }
  if (sidecarsOf(file).length > 0) {
    throw new AppError(
      'damaged',
      `${file} was not closed properly. Restore the database from an earlier backup.`,
    );
  }
  let database: CopyDatabase | undefined;
  try {
    database = openCopy(file);
    return read(database);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    throw new AppError('damaged', `${file} is a damaged database. Restore it from an earlier backup.`, {
      cause: error,
    });
  } finally {
    database?.close();
  }
}

/** Endings of the journal and the write-ahead log that lie beside a database and hold part of it. */
export function sidecarsOf(file: string): readonly string[] {
  return ['-journal', '-wal'].filter((suffix) => (sizeOf(`${file}${suffix}`) ?? 0) > 0);
}

/** Whether the header of a database says that it keeps a write-ahead log. */
export function saysWal(file: string): boolean {
  const header = Buffer.alloc(20);
  const fd = openSync(file, 'r');
  try {
    return (
      readSync(fd, header, 0, header.length, 0) === header.length && header[18] === 2 && header[19] === 2
    );
  } finally {
    closeSync(fd);
  }
}

/** Bytes of a regular file; undefined when there is none. */
export function sizeOf(file: string): number | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : undefined;
}

// Hostile or damaged databases: every value may have any type, and a "table" may be a view that never ends.
const tableList = z.array(z.object({ schema: z.string(), name: z.string(), type: z.string() }).partial());
const columnList = z.array(z.object({ name: z.string() }).partial());

/** Names of the ordinary tables: no views, no virtual or shadow tables, none of SQLite's own. */
export function tableNames(database: CopyDatabase): readonly string[] {
  const tables = tableList.parse(database.pragma('main.table_list'));
  return tables.flatMap(({ schema, name, type }) =>
    schema === 'main' && type === 'table' && name !== undefined && !name.startsWith('sqlite_') ? [name] : [],
  );
}

/** Column names of an ordinary table; empty when there is no such table. */
export function columnNames(database: CopyDatabase, table: string): ReadonlySet<string> {
  if (!tableNames(database).includes(table)) return new Set();
  const columns = columnList.parse(database.pragma(`main.table_info(${quoteName(table)})`));
  return new Set(columns.flatMap(({ name }) => name ?? []));
}

/** A table or column name for use in SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

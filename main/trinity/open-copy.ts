import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { isCorrupt } from './sqlite-errors.ts';

export type CopyDatabase = Database.Database;

/**
 * Opens a private copy of a database that nobody writes: no locks, no sidecar is read or made, so the file and its folder stay as
 * they are, also when its header says WAL. What stands in the schema cannot call anything that is not harmless.
 */
export function openCopy(file: string): CopyDatabase {
  const url = pathToFileURL(file);
  url.searchParams.set('immutable', '1');
  const database = new Database(url.href, { readonly: true, fileMustExist: true });
  database.pragma('trusted_schema=OFF');
  database.pragma('cell_size_check=ON');
  database.pragma('temp_store=MEMORY');
  return database;
}

/** Runs `read` on a copy. Rejects as `damaged` when the bytes are no sound database, `unavailable` when there is no file. */
export function readCopy<Result>(file: string, read: (database: CopyDatabase) => Result): Result {
  requireFile(file);
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

function requireFile(file: string): void {
  try {
    if (statSync(file).isFile()) return;
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
  throw new AppError('unavailable', `${file} is not there, so it cannot be read. Make the copy again.`);
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

import Database from 'better-sqlite3';
import { envelopeColumns } from '../credentials.ts';
import { quoteName } from '../open-copy.ts';
import type { ArchiveEntry } from './archive-contents.ts';
import { copiedColumns, copiedValues } from './archive-rows.ts';
import { readArchive, type Archive } from './read-archive.ts';

/** Columns that SQLite compares as numbers, and that Postgres may keep as booleans. */
const flags: readonly string[] = [
  'is_system',
  'is_ephemeral',
  'file_sharing_enabled',
  'expose_enabled',
  'consume_enabled',
  'enabled',
];

const manyRows = 100_000;
const someRows = 1000;

type Wanted = { readonly table: string; readonly columns: Set<string>; readonly maxRows: number };

const wantedTables = wantedOf([
  { table: 'agent_ownership', columns: ['agent_name', 'volume_base_name', 'deleted_at', ...flags] },
  { table: 'agent_shared_folder_config', columns: ['agent_name', ...flags] },
  { table: 'agent_schedules', columns: ['agent_name', 'name', 'deleted_at', ...flags] },
]);

/**
 * Reads a dump from end to end, as `readArchive`, and writes what is asked of a copy of Trinity's database into a small SQLite database
 * of the same tables: agents, schedules, the last migration and encrypted credentials. All that reads copies reads it, too.
 */
export async function extractArchive(file: string, extract: string, signal: AbortSignal): Promise<Archive> {
  const database = new Database(extract);
  try {
    database.pragma('journal_mode=OFF');
    database.pragma('synchronous=OFF');
    database.exec('BEGIN');
    const archive = await readArchive(file, { signal, linesOf: (entry) => rowWriter(database, entry) });
    database.exec('COMMIT');
    return archive;
  } finally {
    database.close();
  }
}

function wantedOf(
  tables: readonly Readonly<{ table: string; columns: readonly string[] }>[],
): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>(
    tables.map(({ table, columns }) => [table, { table, columns: new Set(columns), maxRows: manyRows }]),
  );
  for (const { table, column } of envelopeColumns) {
    const known = wanted.get(table) ?? { table, columns: new Set(['key']), maxRows: someRows };
    known.columns.add(column);
    wanted.set(table, known);
  }
  return wanted;
}

function rowWriter(database: Database.Database, entry: ArchiveEntry): ((line: Buffer) => void) | undefined {
  if (entry.schema !== 'public') return undefined;
  if (entry.name === 'alembic_version') return migrationWriter(database);
  const wanted = wantedTables.get(entry.name);
  if (wanted === undefined) return undefined;
  const all = copiedColumns(entry.copyStatement);
  const chosen = all.flatMap((name, index) => (wanted.columns.has(name) ? [{ name, index }] : []));
  if (chosen.length === 0) return undefined;
  const columns = chosen.map(({ name }) => `${quoteName(name)} ${flags.includes(name) ? 'NUMERIC' : 'TEXT'}`);
  makeTable(database, wanted.table, columns);
  const marks = chosen.map(() => '?').join(', ');
  const insert = database.prepare(`INSERT INTO ${quoteName(wanted.table)} VALUES (${marks})`);
  let rows = 0;
  return (line) => {
    rows += 1;
    if (rows > wanted.maxRows) return;
    const values = copiedValues(line);
    insert.run(chosen.map(({ name, index }) => valueOf(name, values[index] ?? null)));
  };
}

/** A dump by other hands may hold a table twice. */
function makeTable(database: Database.Database, table: string, columns: readonly string[]): void {
  database.exec(`DROP TABLE IF EXISTS ${quoteName(table)}`);
  database.exec(`CREATE TABLE ${quoteName(table)} (${columns.join(', ')})`);
}

function valueOf(name: string, value: string | null): string | null {
  if (!flags.includes(name)) return value;
  return value === 't' ? '1' : value === 'f' ? '0' : value;
}

/** Alembic keeps where a database stands; its own schema keeps all that was done. */
function migrationWriter(database: Database.Database): (line: Buffer) => void {
  makeTable(database, 'schema_migrations', ['name TEXT']);
  const insert = database.prepare('INSERT INTO schema_migrations VALUES (?)');
  return (line) => void insert.run(copiedValues(line)[0] ?? null);
}

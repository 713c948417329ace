import { agentsIn, readFolderSharing } from './agents.ts';
import { columnNames, quoteName, readCopy, tableNames, type CopyDatabase } from './open-copy.ts';

/** What stands in the inventory of a manifest for one agent (`trinity.md` 10). */
export type AgentFacts = Readonly<{
  name: string;
  volumeBase: string;
  isSystem: boolean;
  isEphemeral: boolean;
  deletedAt: string | null;
  fileSharing: boolean;
  exposesFolder: boolean;
  consumesFolder: boolean;
  schedules: number;
  enabledSchedules: number;
}>;

/** Facts of a database copy, as plain JSON. */
export type DatabaseFacts = Readonly<{
  /** Names in the order in which they were applied; empty when the table is not there. */
  migrations: readonly string[];
  lastMigration: string | null;
  pageSize: number;
  pageCount: number;
  freePages: number;
  rowCounts: Readonly<Record<string, number>>;
  agents: readonly AgentFacts[];
}>;

const maxMigrations = 2000;
const maxTables = 500;

/** Reads the facts of a private copy; `damaged` when it is no sound database. */
export function databaseFacts(databaseCopy: string): DatabaseFacts {
  return readCopy(databaseCopy, (database) => {
    const migrations = readMigrations(database);
    return {
      migrations,
      lastMigration: migrations.at(-1) ?? null,
      pageSize: numberPragma(database, 'page_size'),
      pageCount: numberPragma(database, 'page_count'),
      freePages: numberPragma(database, 'freelist_count'),
      rowCounts: countRows(database),
      agents: readAgentFacts(database),
    };
  });
}

/** Rows of every ordinary table, by name, of at most 500 tables. */
export function countRows(database: CopyDatabase): Readonly<Record<string, number>> {
  const counts: [string, number][] = [];
  for (const table of tableNames(database).slice(0, maxTables)) {
    const count: unknown = database
      .prepare(`SELECT count(*) FROM main.${quoteName(table)}`)
      .pluck()
      .get();
    if (typeof count === 'number') counts.push([table, count]);
  }
  // From entries: a table called __proto__ stays a plain key.
  return Object.fromEntries(counts);
}

function readMigrations(database: CopyDatabase): readonly string[] {
  const columns = columnNames(database, 'schema_migrations');
  if (!columns.has('name')) return [];
  const order = columns.has('applied_at') ? 'applied_at, rowid' : 'rowid';
  const names = database
    .prepare(`SELECT name FROM main.schema_migrations ORDER BY ${order} LIMIT ${maxMigrations}`)
    .pluck()
    .all();
  return names.filter((name) => typeof name === 'string').map((name) => name.slice(0, 255));
}

function readAgentFacts(database: CopyDatabase): readonly AgentFacts[] {
  const consuming = new Set(readFolderSharing(database, 'consume_enabled'));
  const all = countSchedules(database, false);
  const enabled = countSchedules(database, true);
  return agentsIn(database).map(({ deletedAt, ...agent }) => ({
    ...agent,
    deletedAt: deletedAt ?? null,
    consumesFolder: consuming.has(agent.name),
    schedules: all.get(agent.name) ?? 0,
    enabledSchedules: enabled.get(agent.name) ?? 0,
  }));
}

function countSchedules(database: CopyDatabase, enabledOnly: boolean): ReadonlyMap<unknown, number> {
  const columns = columnNames(database, 'agent_schedules');
  if (!columns.has('agent_name')) return new Map();
  const conditions = [
    columns.has('deleted_at') ? 'deleted_at IS NULL' : '1',
    enabledOnly && columns.has('enabled') ? 'enabled = 1' : '1',
  ];
  const counts = new Map<unknown, number>();
  const names = database
    .prepare(`SELECT agent_name FROM main.agent_schedules WHERE ${conditions.join(' AND ')}`)
    .pluck();
  for (const name of names.iterate()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function numberPragma(database: CopyDatabase, name: string): number {
  const value = database.pragma(name, { simple: true });
  return typeof value === 'number' ? value : 0;
}

import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';

export type BenchInstall = Readonly<{
  folder: string;
  volumes: string;
  /** The `_data` of its one agent. */
  data: string;
  databaseFile: string;
}>;

/** The least that is an install: `.env`, a database with one agent, and the agent's volume. */
export async function makeInstall(work: string, name: string): Promise<BenchInstall> {
  const folder = path.join(work, name, 'trinity');
  const volumes = path.join(work, name, 'volumes');
  const data = path.join(volumes, 'agent-bench-workspace/_data');
  const databaseFile = path.join(folder, 'trinity-data/trinity.db');
  await mkdir(path.dirname(databaseFile), { recursive: true });
  await mkdir(data, { recursive: true });
  await writeFile(path.join(folder, '.env'), 'TRINITY_DATA_PATH=./trinity-data\n', { mode: 0o600 });
  await writeFile(path.join(folder, 'docker-compose.prod.yml'), 'services: {}\n');
  await writeFile(path.join(folder, 'VERSION'), '0.9.5\n');
  addAgent(databaseFile);
  return { folder, volumes, data, databaseFile };
}

/** Gives a database the tables that name the agent. */
export function addAgent(databaseFile: string): void {
  const database = new Database(databaseFile);
  try {
    database.exec(
      `CREATE TABLE agent_ownership (id INTEGER PRIMARY KEY, agent_name TEXT NOT NULL, owner_id INTEGER NOT NULL,
         created_at TEXT NOT NULL);
       INSERT INTO agent_ownership (agent_name, owner_id, created_at) VALUES ('bench', 1, '2026-01-01T00:00:00Z');
       CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)`,
    );
  } finally {
    database.close();
  }
}

/** Puts a folder that was made elsewhere in the place of the agent's data. */
export async function useData(install: BenchInstall, made: string): Promise<void> {
  await rename(made, path.join(install.data, 'data'));
}

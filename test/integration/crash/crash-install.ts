import { createHash, type Hash, randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';

export type InstallPlaces = Readonly<{ install: string; volumes: string }>;

/** What stands in the `.env` of the install, and nowhere else where others could read it. */
export const secretOfInstall = 'c5'.repeat(32);

/** An install of a database, a shared file and two agents' volumes. */
export function writeCrashInstall({ install, volumes }: InstallPlaces): void {
  const data = path.join(install, 'trinity-data');
  mkdirSync(path.join(data, 'agent-files'), { recursive: true });
  writeFileSync(
    path.join(install, '.env'),
    `CREDENTIAL_ENCRYPTION_KEY=${secretOfInstall}\nTRINITY_DATA_PATH=./trinity-data\n`,
    { mode: 0o600 },
  );
  writeFileSync(path.join(install, 'VERSION'), '0.9.5\n');
  writeFileSync(path.join(install, 'docker-compose.prod.yml'), 'services: {}\n');
  writeFileSync(path.join(data, 'agent-files/blob'), 'a shared file');
  for (const name of ['one', 'two']) {
    const agent = dataOf(volumes, name);
    mkdirSync(path.join(agent, 'empty'), { recursive: true });
    writeFileSync(path.join(agent, 'notes.txt'), `notes of ${name}`);
    writeFileSync(path.join(agent, 'gone-later.txt'), name);
    writeFileSync(path.join(agent, 'large.bin'), randomBytes(400_000));
  }
  writeDatabase(path.join(data, 'trinity.db'));
}

/** Changes the database, files of both agents, and what is there at all. */
export function changeCrashInstall({ install, volumes }: InstallPlaces): void {
  const data = path.join(install, 'trinity-data');
  writeFileSync(path.join(dataOf(volumes, 'one'), 'notes.txt'), 'changed');
  writeFileSync(path.join(dataOf(volumes, 'one'), 'new.bin'), randomBytes(100_000));
  rmSync(path.join(dataOf(volumes, 'two'), 'gone-later.txt'), { force: true });
  mkdirSync(path.join(dataOf(volumes, 'two'), 'made/later'), { recursive: true });
  writeFileSync(path.join(data, 'agent-files/blob'), randomBytes(1000));
  const database = new Database(path.join(data, 'trinity.db'));
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('a later row');
  database.close();
}

/** One digest of everything live: names, kinds, modes, times of files and contents; of the database its rows. */
export function digestOfInstall({ install, volumes }: InstallPlaces): string {
  const hash = createHash('sha256');
  addTree(hash, install, 'install');
  addTree(hash, volumes, 'volumes');
  return hash.digest('hex');
}

function dataOf(volumes: string, agent: string): string {
  return path.join(volumes, `agent-${agent}-workspace/_data`);
}

function writeDatabase(file: string): void {
  const database = new Database(file);
  database.exec(
    `CREATE TABLE agent_ownership (id INTEGER PRIMARY KEY, agent_name TEXT NOT NULL, owner_id INTEGER NOT NULL,
       created_at TEXT NOT NULL, deleted_at TEXT, volume_base_name TEXT);
     INSERT INTO agent_ownership (agent_name, owner_id, created_at)
       VALUES ('one', 1, '2026-01-01T00:00:00Z'), ('two', 1, '2026-01-01T00:00:00Z');
     CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL);
     CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);`,
  );
  database.close();
}

function addTree(hash: Hash, place: string, name: string): void {
  const stat = lstatSync(place, { bigint: true });
  hash.update(`${name}\0${String(stat.mode)}\0`);
  if (stat.isDirectory()) {
    for (const child of readdirSync(place).toSorted())
      addTree(hash, path.join(place, child), `${name}/${child}`);
  } else if (stat.isSymbolicLink()) {
    hash.update(readlinkSync(place));
  } else if (name.endsWith('trinity.db')) {
    // A copy of a database may arrange its pages anew.
    hash.update(JSON.stringify(rowsOf(place)));
  } else {
    hash.update(`${String(stat.mtimeNs)}\0`).update(readFileSync(place));
  }
}

function rowsOf(file: string): unknown {
  const database = new Database(file, { readonly: true });
  try {
    return [
      database.prepare('SELECT * FROM notes').all(),
      database.prepare('SELECT * FROM agent_ownership').all(),
    ];
  } finally {
    database.close();
  }
}

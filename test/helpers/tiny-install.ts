import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { chmod, chown, link, lutimes, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { RunOptions, ServiceContext } from '../../main/backup/services.ts';
import { setTimes, setXattr } from '../../main/platform/libc.ts';
import { createFolderStorage } from '../../main/storage/folder-storage.ts';
import { createVolume } from '../../main/trinity/volume-store.ts';
import { newRecoveryKey } from '../../main/vault/keys/recovery-key.ts';
import { createVault } from '../../main/vault/open-vault.ts';
import type { OpenedVault } from '../../main/vault/open-vault.ts';
import { tempFolder } from './temp-folder.ts';
import { contextOf, tinyPlaces } from './tiny-context.ts';
import type { TinyOptions } from './tiny-context.ts';
import { snapshotTree } from './tree-snapshot.ts';

export const tinyKey = 'ab'.repeat(32);

/** A Trinity install of a few files, quick to back up: a database, platform data, configuration, three agents' volumes. */
export type TinyInstall = Readonly<{
  base: string;
  folder: string;
  data: string;
  database: string;
  volumes: string;
  home: string;
  vaultFolder: string;
  vault: OpenedVault;
  recoveryKey: string;
  context: ServiceContext;
}>;

export const isRoot = process.getuid?.() === 0;

/** Where the `_data` of a volume lies. */
export function volumeData({ volumes }: Pick<TinyInstall, 'volumes'>, name: string): string {
  return path.join(volumes, name, '_data');
}

export async function tinyInstall(options: TinyOptions = {}): Promise<TinyInstall> {
  const base = await tempFolder();
  const place = tinyPlaces(base);
  await mkdir(place.home, { mode: 0o700 });
  const data = path.join(place.folder, 'trinity-data');
  await writeCheckout(place.folder);
  await writeData(data);
  writeTinyDatabase(path.join(data, 'trinity.db'));
  await mkdir(place.volumes);
  for (const name of ['agent-echo-workspace', 'agent-scout-workspace', 'agent-research-public']) {
    await writeVolume(place.volumes, name);
  }
  const vaultFolder = path.join(base, 'vault');
  const recoveryKey = newRecoveryKey();
  const vault = await createVault({
    storage: await createFolderStorage(vaultFolder),
    hostLockFolder: path.join(place.home, 'locks'),
    secrets: [{ kind: 'recovery', recoveryKey }],
    now: Date.now(),
    freeSpace: { shareOfTotal: 0, bytes: 0 },
  });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  const context = contextOf({ ...place, vault }, options);
  return {
    base,
    ...place,
    data,
    database: path.join(data, 'trinity.db'),
    vaultFolder,
    vault,
    recoveryKey,
    context,
  };
}

async function writeCheckout(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'config/agent-templates/mine'), { recursive: true });
  const env = `CREDENTIAL_ENCRYPTION_KEY=${tinyKey}\nSECRET_KEY=one\nFRONTEND_PORT=8081\n`;
  await writeFile(path.join(folder, '.env'), env, { mode: 0o600 });
  await writeFile(path.join(folder, 'VERSION'), '0.9.5\n');
  await writeFile(path.join(folder, 'docker-compose.prod.yml'), 'services: {}\n');
  await writeFile(path.join(folder, 'config/agent-templates/mine/template.yaml'), 'name: mine\n');
}

async function writeData(data: string): Promise<void> {
  for (const name of ['avatars', 'agent-files', 'backups', 'logs', 'agent-data-tmp']) {
    await mkdir(path.join(data, name), { recursive: true });
  }
  await writeFile(path.join(data, 'avatars/echo.webp'), randomBytes(3000));
  await writeFile(path.join(data, 'agent-files/0b5d'), 'shared');
  await writeFile(path.join(data, 'backups/trinity-backup-20260927.db'), 'older copy');
  await writeFile(path.join(data, 'backups/trinity-backup-20260928.db'), 'newest copy');
  setTimes(path.join(data, 'backups/trinity-backup-20260927.db'), 0n, 1_000_000_000n);
  await writeFile(path.join(data, 'logs/platform.json'), '{}\n');
  await writeFile(path.join(data, 'agent-data-tmp/x.tar'), 'scratch');
}

/** Two agents, one of them renamed, a schedule, rows enough for some pages. */
export function writeTinyDatabase(file: string): void {
  const database = new Database(file);
  database.exec(`
    CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL);
    INSERT INTO schema_migrations VALUES ('0001_first', '2026-01-01'), ('0002_second', '2026-02-01');
    CREATE TABLE agent_ownership (agent_name TEXT UNIQUE, volume_base_name TEXT, deleted_at TEXT, is_system INTEGER,
      is_ephemeral INTEGER, file_sharing_enabled INTEGER);
    INSERT INTO agent_ownership VALUES ('echo', NULL, NULL, 0, 0, 0), ('research', 'scout', NULL, 0, 0, 1);
    CREATE TABLE agent_schedules (id TEXT PRIMARY KEY, agent_name TEXT, name TEXT, enabled INTEGER);
    INSERT INTO agent_schedules VALUES ('s1', 'echo', 'morning', 1), ('s2', 'echo', 'evening', 0);
    CREATE TABLE schedule_executions (id INTEGER PRIMARY KEY, status TEXT, message TEXT);
  `);
  const insert = database.prepare('INSERT INTO schedule_executions (status, message) VALUES (?, ?)');
  database.transaction(() => {
    for (let row = 0; row < 200; row += 1)
      insert.run(row % 50 === 0 ? 'queued' : 'success', `message ${String(row)}`);
  })();
  database.close();
}

async function writeVolume(volumes: string, name: string): Promise<void> {
  const data = await createVolume(volumes, name, { 'trinity.agent-name': name });
  for (const folder of ['content', '.cache', '.ssh', 'empty'])
    await mkdir(path.join(data, folder), { recursive: true });
  await writeFile(path.join(data, 'CLAUDE.md'), `notes of ${name}\n`.repeat(50));
  await writeFile(path.join(data, 'content/big.bin'), randomBytes(40_000));
  await writeFile(path.join(data, 'content/zero'), '');
  await writeFile(path.join(data, '.cache/rebuilt'), 'rebuildable');
  await writeFile(path.join(data, '.ssh/id'), 'secret', { mode: 0o600 });
  await chmod(path.join(data, '.ssh'), 0o700);
  await symlink('/nowhere/at/all', path.join(data, 'dangling'));
  await symlink('content/big.bin', path.join(data, 'relative'));
  await link(path.join(data, 'CLAUDE.md'), path.join(data, 'content/again.md'));
  fs.writeFileSync(Buffer.concat([Buffer.from(`${data}/`), Buffer.from([0x66, 0xff, 0x0a])]), 'odd name');
  setXattr(path.join(data, 'content/zero'), Buffer.from('user.note'), Buffer.from('kept'));
  setTimes(path.join(data, 'content/zero'), 5n, -1_000_000_001n);
  await lutimes(path.join(data, 'dangling'), 100, 200);
  if (isRoot) await chown(path.join(data, 'content/big.bin'), 1234, 4321);
}

/**
 * The live install as a restore has to bring it back: all but what every backup leaves out, and the database by its rows, since
 * its bytes are those of a copy.
 */
export function liveState(place: Pick<TinyInstall, 'folder' | 'volumes'>): Readonly<Record<string, unknown>> {
  const database = path.join(place.folder, 'trinity-data/trinity.db');
  const state: Record<string, unknown> = {};
  for (const name of fs.readdirSync(place.volumes)) {
    state[name] = snapshotTree(path.join(place.volumes, name, '_data'), (file) =>
      /^\.cache(?:\/|$)/u.test(file),
    );
    state[`${name} labels`] = JSON.parse(
      fs.readFileSync(path.join(place.volumes, name, 'meta.json'), 'utf8'),
    );
    state[`${name} names`] = fs.readdirSync(path.join(place.volumes, name));
  }
  const trinity = snapshotTree(place.folder, (file) => leftOut.test(file));
  // The folder of the checkout is written into, not restored.
  state['trinity'] = { ...trinity, '': '' };
  state['mode'] = fs.statSync(database).mode;
  state['time'] = String(fs.statSync(database, { bigint: true }).mtimeNs);
  return { ...state, rows: rowsOf(database) };
}

const leftOut = /^trinity-data\/(?:trinity\.db|logs|agent-data-tmp|backups\/trinity-backup-20260927\.db)/u;

export function rowsOf(file: string): Readonly<Record<string, unknown>> {
  const database = new Database(file, { readonly: true });
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();
  const rows = Object.fromEntries(
    tables.map((table) => [table, database.prepare(`SELECT * FROM "${String(table)}"`).all()]),
  );
  database.close();
  return rows;
}

/** Waits for nothing, tells nobody. */
export const quietly: RunOptions = { signal: new AbortController().signal };

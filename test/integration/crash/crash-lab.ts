import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
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
import { commandFile } from '../../helpers/command-file.ts';

export type Ended = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

export type RunOptions = Readonly<{
  /** Environment that plans a kill or a failure (test/fakes/storage-hook.child.ts). */
  plan?: Readonly<Record<string, string>>;
  killAfterMs?: number;
}>;

/**
 * A tiny install with its home and vault in one folder, which can be put back to what it was at `save`. The folder's place never
 * changes, since a home names its install and vault by their places.
 */
export class CrashLab {
  readonly folder: string;
  readonly #saved: string;

  constructor(folder: string) {
    this.folder = path.join(folder, 'lab');
    this.#saved = path.join(folder, 'saved');
    mkdirSync(this.folder, { recursive: true });
    writeTinyInstall(this.folder);
  }

  get vault(): string {
    return path.join(this.folder, 'vault');
  }

  /** Everything live: digest of names, kinds, modes and contents. */
  liveDigest(): string {
    const hash = createHash('sha256');
    for (const part of ['trinity', 'volumes']) addTree(hash, path.join(this.folder, part), part);
    return hash.digest('hex');
  }

  /** Names below the install and its volumes that are ours. */
  leftovers(): readonly string[] {
    return ['trinity', 'volumes'].flatMap((part) =>
      readdirSync(path.join(this.folder, part), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.includes('trinity-backup'),
      ),
    );
  }

  save(): void {
    rmSync(this.#saved, { recursive: true, force: true });
    cpSync(this.folder, this.#saved, { recursive: true, preserveTimestamps: true });
  }

  reset(): void {
    rmSync(this.folder, { recursive: true, force: true });
    cpSync(this.#saved, this.folder, { recursive: true, preserveTimestamps: true });
  }

  /** Changes the database, files of both agents, and what is there at all. */
  change(): void {
    const agent = (name: string): string =>
      path.join(this.folder, 'volumes', `agent-${name}-workspace/_data`);
    writeFileSync(path.join(agent('one'), 'notes.txt'), 'changed');
    writeFileSync(path.join(agent('one'), 'new.bin'), randomBytes(300_000));
    rmSync(path.join(agent('two'), 'gone-later.txt'), { force: true });
    mkdirSync(path.join(agent('two'), 'made/later'), { recursive: true });
    writeFileSync(path.join(this.folder, 'trinity/trinity-data/agent-files/blob'), randomBytes(1000));
    const database = new Database(path.join(this.folder, 'trinity/trinity-data/trinity.db'));
    database.prepare('INSERT INTO notes (text) VALUES (?)').run('a later row');
    database.close();
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = spawn(process.execPath, [commandFile(), '--json', ...args], {
      env: {
        ...process.env,
        NODE_ENV: 'test',
        TRINITY_BACKUP_HOME: path.join(this.folder, 'home'),
        TRINITY_BACKUP_PASSPHRASE: 'a passphrase of tests',
        TRINITY_BACKUP_TEST_HOOK: hookFile(),
        ...options.plan,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const timer =
      options.killAfterMs === undefined
        ? undefined
        : setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
    await once(child, 'close');
    clearTimeout(timer);
    return { code: child.exitCode, signal: child.signalCode, ...output };
  }

  /** A run that must do its work; its JSON document. Exit 3 is one with warnings. */
  async succeed(args: readonly string[]): Promise<unknown> {
    const ended = await this.run(args);
    if (ended.code !== 0 && ended.code !== 3) {
      throw new Error(`${args.join(' ')} ended with ${ended.code ?? ended.signal}: ${ended.stderr}`);
    }
    return JSON.parse(ended.stdout);
  }

  async setUp(): Promise<void> {
    await this.succeed([
      'install',
      '--path',
      path.join(this.folder, 'trinity'),
      '--volumes-root',
      path.join(this.folder, 'volumes'),
    ]);
    await this.succeed(['init', '--vault', this.vault]);
  }
}

function hookFile(): string {
  return path.join(path.dirname(commandFile()), 'storage-hook.child.js');
}

function writeTinyInstall(folder: string): void {
  const install = path.join(folder, 'trinity');
  mkdirSync(path.join(install, 'trinity-data/agent-files'), { recursive: true });
  writeFileSync(path.join(install, '.env'), 'SECRET_KEY=00\nTRINITY_DATA_PATH=./trinity-data\n', {
    mode: 0o600,
  });
  writeFileSync(path.join(install, 'VERSION'), '0.9.5\n');
  writeFileSync(path.join(install, 'docker-compose.prod.yml'), 'services: {}\n');
  writeFileSync(path.join(install, 'trinity-data/agent-files/blob'), 'a shared file');
  for (const name of ['one', 'two']) {
    const data = path.join(folder, 'volumes', `agent-${name}-workspace/_data`);
    mkdirSync(path.join(data, 'empty'), { recursive: true });
    writeFileSync(path.join(data, 'notes.txt'), `notes of ${name}`);
    writeFileSync(path.join(data, 'gone-later.txt'), name);
    writeFileSync(path.join(data, 'large.bin'), randomBytes(1_500_000));
  }
  const database = new Database(path.join(install, 'trinity-data/trinity.db'));
  database.exec(
    `CREATE TABLE agent_ownership (id INTEGER PRIMARY KEY, agent_name TEXT NOT NULL, owner_id INTEGER NOT NULL,
       created_at TEXT NOT NULL);
     INSERT INTO agent_ownership (agent_name, owner_id, created_at)
       VALUES ('one', 1, '2026-01-01T00:00:00Z'), ('two', 1, '2026-01-01T00:00:00Z');
     CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL);
     CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);`,
  );
  database.close();
}

/** A database counts by its rows: copying and putting it back may arrange its pages anew. */
function addTree(hash: ReturnType<typeof createHash>, place: string, name: string): void {
  const stat = lstatSync(place);
  hash.update(`${name}\0${stat.mode}\0`);
  if (stat.isDirectory()) {
    for (const child of readdirSync(place).toSorted())
      addTree(hash, path.join(place, child), `${name}/${child}`);
  } else if (stat.isSymbolicLink()) {
    hash.update(readlinkSync(place));
  } else if (name.endsWith('trinity.db')) {
    hash.update(JSON.stringify(rowsOf(place)));
  } else {
    hash.update(readFileSync(place));
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

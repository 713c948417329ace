import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import Database from 'better-sqlite3';

/** Every entry below a folder by its path (bytes as latin1), with all that a restore must bring back. */
export type TreeState = ReadonlyMap<string, string>;

/** What `isIgnored` names is left out, though not what lies in it. */
export async function readTree(folder: string, isIgnored: (path: string) => boolean): Promise<TreeState> {
  const state = new Map<string, string>();
  await readInto(state, Buffer.from(folder), isIgnored);
  return state;
}

async function readInto(
  state: Map<string, string>,
  path: Buffer,
  isIgnored: (path: string) => boolean,
): Promise<void> {
  const name = path.toString('latin1');
  const stat = await lstat(path, { bigint: true });
  const { mode, uid, gid, mtimeNs } = stat;
  // The size of a folder is the file system's own affair.
  const size = stat.isDirectory() ? 0n : stat.size;
  const content = stat.isFile()
    ? hash(await readFile(path))
    : stat.isSymbolicLink()
      ? await readlink(path)
      : '';
  if (!isIgnored(name)) state.set(name, [mode, uid, gid, mtimeNs, size, content].join(' '));
  if (!stat.isDirectory()) return;
  for (const child of await readdir(path, { encoding: 'buffer' })) {
    await readInto(state, Buffer.concat([path, Buffer.from('/'), child]), isIgnored);
  }
}

/** The rows of a SQLite database: a copy of it has other bytes and must have the same rows. */
export function readRows(file: string): Readonly<{ rows: number; hash: string }> {
  const database = new Database(file, { readonly: true });
  try {
    const digest = createHash('sha256');
    let rows = 0;
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .pluck();
    for (const table of tables.all()) {
      for (const row of database
        .prepare(`SELECT * FROM "${String(table)}"`)
        .raw()
        .iterate()) {
        digest.update(JSON.stringify([table, row]));
        rows += 1;
      }
    }
    return { rows, hash: digest.digest('hex') };
  } finally {
    database.close();
  }
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

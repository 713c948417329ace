import { readdir, realpath, stat } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { unreadable } from './small-file.ts';
import { isVolumeName } from './volume-name.ts';

export type DataLocation = Readonly<{
  projectName: string;
  dataFolder: string;
  databaseFile: string | undefined;
}>;

type DataQuestion = Readonly<{
  folder: string;
  env: ReadonlyMap<string, string>;
  volumesRoot: string | undefined;
  /** Likely first; at least one. */
  projectNames: readonly string[];
}>;

/** A place that `/data` may be kept in, and what it was found to hold. */
type Store = Readonly<{
  folder: string;
  projectName: string;
  holdsDatabase: boolean;
  holdsAnything: boolean;
  isThere: boolean;
}>;

const defaultDataPath = './trinity-data';
const containerData = '/data/';

/**
 * Where `/data` and the database lie: in the folder of TRINITY_DATA_PATH (prod, hosted) or in the volume `<project>_trinity-data`
 * (dev). What holds a database is what Trinity uses; both holding one is refused with a question.
 */
export async function findData(question: DataQuestion): Promise<DataLocation> {
  const relative = databaseInData(question.env);
  const stores = await findStores(question, relative ?? 'trinity.db');
  const store = chooseStore(stores, relative !== undefined);
  const dataFolder = store.isThere ? await realpath(store.folder) : store.folder;
  const databaseFile = relative === undefined ? undefined : await realFile(join(dataFolder, relative));
  return { projectName: store.projectName, dataFolder, databaseFile };
}

/** The database's path below `/data`; undefined when it is kept in Postgres. */
function databaseInData(env: ReadonlyMap<string, string>): string | undefined {
  const url = env.get('DATABASE_URL') ?? '';
  if (/^postgres(?:ql)?(?:\+\w+)?:/u.test(url)) return undefined;
  const sqlitePath = /^sqlite(?:\+\w+)?:\/\/\/(.*)$/u.exec(url)?.[1];
  if (url !== '' && sqlitePath === undefined) {
    throw new AppError(
      'refused',
      'DATABASE_URL in .env names neither Postgres nor SQLite. Only these two can be backed up.',
    );
  }
  const named = sqlitePath ?? env.get('TRINITY_DB_PATH') ?? '';
  const path = posix.normalize(named === '' ? '/data/trinity.db' : named);
  if (!path.startsWith(containerData) || path.endsWith('/') || path.includes('\0')) {
    throw new AppError(
      'refused',
      'The database path in .env (TRINITY_DB_PATH or DATABASE_URL) does not lie in /data. Move the database below /data.',
    );
  }
  return path.slice(containerData.length);
}

function bindFolder(folder: string, env: ReadonlyMap<string, string>): string {
  const set = env.get('TRINITY_DATA_PATH') ?? '';
  if (set.includes('$') || set.startsWith('~') || set.includes('\0')) {
    throw new AppError(
      'refused',
      'TRINITY_DATA_PATH in .env holds a variable or ~. Write it out as an absolute path.',
    );
  }
  return resolve(folder, set === '' ? defaultDataPath : set);
}

async function findStores(question: DataQuestion, relative: string): Promise<readonly Store[]> {
  const { folder, env, volumesRoot, projectNames } = question;
  const [firstName = 'trinity'] = projectNames;
  const stores = [await lookAt(bindFolder(folder, env), firstName, relative)];
  if (volumesRoot === undefined) return stores;
  for (const projectName of new Set(projectNames)) {
    const volume = `${projectName}_trinity-data`;
    if (isVolumeName(volume))
      stores.push(await lookAt(join(volumesRoot, volume, '_data'), projectName, relative));
  }
  return stores;
}

async function lookAt(folder: string, projectName: string, relative: string): Promise<Store> {
  const names = await namesIn(folder);
  const database = names === undefined ? undefined : await fileSize(join(folder, relative));
  return {
    folder,
    projectName,
    isThere: names !== undefined,
    holdsAnything: (names ?? []).length > 0,
    // An empty file is what a driver leaves that was pointed at the wrong place: no database.
    holdsDatabase: database !== undefined && database > 0,
  };
}

/** Ranked by what they hold; two of the same rank that cannot be told apart are the operator's to decide. */
function chooseStore(stores: readonly Store[], isSqlite: boolean): Store {
  const ranks = [
    (store: Store) => isSqlite && store.holdsDatabase,
    (store: Store) => store.holdsAnything,
    (store: Store) => store.isThere,
  ];
  for (const rank of ranks) {
    const [first, second] = stores.filter(rank);
    if (first !== undefined && second !== undefined && rank !== ranks[2])
      throw ambiguous(first, second, rank === ranks[0]);
    if (first !== undefined) return first;
  }
  const [bind] = stores;
  if (bind === undefined) throw new Error('There is always the folder of TRINITY_DATA_PATH.');
  return bind;
}

function ambiguous(one: Store, other: Store, haveDatabases: boolean): AppError {
  const what = haveDatabases ? 'hold a database' : 'hold data';
  return new AppError(
    'refused',
    `Both ${one.folder} and ${other.folder} ${what}. Which one does Trinity use? Move the other one away, then try again.`,
  );
}

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw unreadable(folder, error);
  }
}

async function fileSize(file: string): Promise<number | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw unreadable(file, error);
  }
}

/** SQLite names a database's sidecars after the file that a link leads to. */
async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return file;
    throw unreadable(file, error);
  }
}

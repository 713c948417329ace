import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { databaseOf } from './database-setting.ts';
import type { BackendFacts } from './docker/trinity-containers.ts';
import type { Access, TrinityInstall } from './install.ts';
import { folderAccess } from './folder-access.ts';
import { unreadable } from './small-file.ts';
import { isVolumeName } from './volume-name.ts';

export type DataLocation = Pick<
  TrinityInstall,
  'projectName' | 'dataFolder' | 'dataVolume' | 'dataAccess' | 'database' | 'databaseFile'
>;

/** Where a volume lies, and whether it can be looked into here. */
export type VolumePlace = Readonly<{ folder: string; access: Access }>;

export type DataQuestion = Readonly<{
  folder: string;
  env: ReadonlyMap<string, string>;
  /** Undefined when there is none of this name. */
  findVolume: (volume: string) => Promise<VolumePlace | undefined>;
  /** Likely first; at least one. */
  projectNames: readonly string[];
  /** What it mounts is what Trinity uses, whatever else there is. */
  backend: BackendFacts | undefined;
  /** A container can do what this user may not. */
  hasEngine: boolean;
}>;

/** A place that `/data` may be kept in, and what it was found to hold. */
type Store = Readonly<{
  folder: string;
  volume: string | undefined;
  access: Access;
  projectName: string;
  holdsDatabase: boolean;
  holdsAnything: boolean;
  isThere: boolean;
}>;

const defaultDataPath = './trinity-data';

/**
 * Where `/data` and the database lie: in the folder of TRINITY_DATA_PATH (prod, hosted) or in the volume `<project>_trinity-data`
 * (dev). The container of the backend tells; without one, what holds a database is what Trinity uses, and both holding one is refused
 * with a question.
 */
export async function findData(question: DataQuestion): Promise<DataLocation> {
  const { backend, env } = question;
  // What the container was started with is what Trinity goes by; .env may have been changed since.
  const database = databaseOf(backend === undefined || backend.env.size === 0 ? env : backend.env);
  const relative = database.kind === 'sqlite' ? database.path : undefined;
  const store =
    (await mountedStore(question, relative ?? 'trinity.db')) ??
    chooseStore(await findStores(question, relative ?? 'trinity.db'), relative !== undefined);
  const isHere = store.isThere && store.access.mode === 'host';
  const dataFolder = isHere ? await realpath(store.folder) : store.folder;
  const file = relative === undefined ? undefined : join(dataFolder, relative);
  return {
    projectName: store.projectName,
    dataFolder,
    dataVolume: store.volume,
    dataAccess: store.access,
    database,
    databaseFile: isHere && file !== undefined ? await realFile(file) : file,
  };
}

/** What the container mounts at `/data`; undefined without a container, and when it mounts nothing there. */
async function mountedStore(
  { backend, projectNames, findVolume, hasEngine }: DataQuestion,
  relative: string,
): Promise<Store | undefined> {
  const [projectName = 'trinity'] = projectNames;
  const mount = backend?.data;
  if (mount === undefined || (mount.kind !== 'volume' && mount.kind !== 'bind')) return undefined;
  if (mount.volume === undefined) {
    const place = { folder: mount.source, volume: undefined, projectName };
    return await lookAt({ ...place, access: await folderAccess(mount.source, hasEngine) }, relative);
  }
  const place = await findVolume(mount.volume);
  const access: Access = place?.access ?? {
    mode: 'none',
    reason: `The volume ${mount.volume} is not there.`,
  };
  const folder = place?.folder ?? mount.source;
  return await lookAt({ folder, volume: mount.volume, access, projectName }, relative);
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
  const { folder, env, findVolume, projectNames, hasEngine } = question;
  const [firstName = 'trinity'] = projectNames;
  const data = bindFolder(folder, env);
  const bind = { folder: data, volume: undefined, access: await folderAccess(data, hasEngine) };
  const stores = [await lookAt({ ...bind, projectName: firstName }, relative)];
  for (const projectName of new Set(projectNames)) {
    const volume = `${projectName}_trinity-data`;
    const place = isVolumeName(volume) ? await findVolume(volume) : undefined;
    if (place !== undefined) stores.push(await lookAt({ ...place, volume, projectName }, relative));
  }
  return stores;
}

async function lookAt(
  place: Pick<Store, 'folder' | 'volume' | 'access' | 'projectName'>,
  relative: string,
): Promise<Store> {
  const { folder, access } = place;
  // Not to be looked into: Docker makes it only for a Trinity that uses it.
  if (access.mode !== 'host') return { ...place, isThere: true, holdsAnything: true, holdsDatabase: true };
  const names = await namesIn(folder);
  const database = names === undefined ? undefined : await fileSize(join(folder, relative));
  return {
    ...place,
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

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { InstallDatabase, InstallEngine, TrinityInstall } from '../../trinity/install.ts';
import { canWriteNewVolumes } from '../../trinity/volumes/volume-access.ts';
import type { RestoreRun } from '../restore/restore-run.ts';

/** A new install as it is built in a folder of ours. */
export type Build = Readonly<{
  /** Where the new install will be, and its volumes. */
  folder: string;
  volumesRoot: string;
  /** Our folder in it, and the install as it is built there. */
  work: string;
  skeleton: string;
  engine: InstallEngine | undefined;
  dataVolume: Readonly<{ name: string; folder: string }> | undefined;
  /** A server that runs already, which takes the database at once. */
  server: InstallDatabase | undefined;
  install: TrinityInstall;
}>;

/** Says where everything goes, and makes the folder in which it is built. */
export async function beginBuild(
  run: RestoreRun,
  parts: Omit<Build, 'skeleton' | 'install'>,
): Promise<Build> {
  const { manifest } = run;
  const skeleton = path.join(parts.work, 'staged');
  await mkdir(skeleton, { mode: 0o755 });
  const isInside = parts.volumesRoot.startsWith(`${parts.folder}/`);
  const volumesRoot = isInside
    ? path.join(skeleton, path.relative(parts.folder, parts.volumesRoot))
    : parts.volumesRoot;
  const { engine, dataVolume } = parts;
  const isInFolder = run.context.settings.volumeAccess !== 'helper' && canWriteNewVolumes(engine);
  const isByHelper = dataVolume !== undefined && !isInFolder;
  const dataFolder = dataVolume?.folder ?? dataFolderOf(manifest, skeleton, volumesRoot);
  const database = textFact(manifest, 'databaseFile');
  const relative =
    database === undefined
      ? undefined
      : (cleanRelative(textFact(manifest, 'dataFolder'), database) ?? 'trinity.db');
  const install: TrinityInstall = {
    folder: skeleton,
    projectName: textFact(manifest, 'projectName') ?? 'trinity',
    // What it will be is up to whoever starts it.
    form: dataVolume === undefined ? 'prod' : 'dev',
    engine,
    dataFolder,
    dataVolume: dataVolume?.name,
    dataAccess: isByHelper
      ? { mode: 'helper', reason: 'Only a container can write the volumes of this engine.' }
      : { mode: 'host', reason: 'It is being made here.' },
    database: relative === undefined ? (parts.server ?? bundledPostgres) : { kind: 'sqlite', path: relative },
    databaseFile: relative === undefined ? undefined : path.join(dataFolder, relative),
    envFile: path.join(skeleton, '.env'),
    folderAccess: { mode: 'host', reason: 'It is being made here.' },
    env: new Map(),
    volumesRoot,
    version: textFact(manifest, 'trinityVersion'),
  };
  return { ...parts, skeleton, install };
}

const bundledPostgres = {
  kind: 'postgres',
  container: undefined,
  host: 'postgres',
  port: 5432,
  user: 'trinity',
  database: 'trinity',
} as const;

/** `/data` goes where it was: below the checkout, or in a volume; else below the checkout. */
function dataFolderOf(manifest: Manifest, folder: string, volumesRoot: string): string {
  const data = textFact(manifest, 'dataFolder');
  const inVolumes = data === undefined ? undefined : cleanRelative(textFact(manifest, 'volumesRoot'), data);
  if (inVolumes !== undefined) return path.join(volumesRoot, inVolumes);
  const inFolder = data === undefined ? undefined : cleanRelative(textFact(manifest, 'folder'), data);
  return path.join(folder, inFolder ?? 'trinity-data');
}

/** The path from one folder down to another; undefined when it does not lie below. What a manifest says is not trusted. */
function cleanRelative(from: string | undefined, to: string): string | undefined {
  if (from === undefined || !path.isAbsolute(from) || !path.isAbsolute(to)) return undefined;
  const relative = path.relative(from, to);
  return relative === '' || relative === '..' || relative.startsWith('../') || relative.includes('\0')
    ? undefined
    : relative;
}

function textFact(manifest: Manifest, name: string): string | undefined {
  const value = manifest.install[name];
  return typeof value === 'string' ? value : undefined;
}

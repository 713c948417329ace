import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { dataFolderExcludes, databaseExcludes, patternsOf } from '../trinity/default-excludes.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type {
  BackupContext,
  CapturePlace,
  ComponentHandler,
  RestoreContext,
  Swap,
} from './component-handler.ts';
import { dataPlace, dataTarget } from './data-place.ts';
import { workFolderExclude } from './work-folder.ts';

const ownCopies = 'backups';
/** Trinity's own copies of its database: nightly, and before a migration. */
const ownCopyName = /^(?:trinity-backup|pre-migration)-[0-9-]{8,15}\.(?:db|dump)$/u;

async function backup(context: BackupContext): Promise<readonly ManifestSource[]> {
  const { install, settings } = context;
  const exclude = [
    workFolderExclude,
    ...databasePatterns(install),
    ...patternsOf(dataFolderExcludes).filter((pattern) => pattern !== `/${ownCopies}/`),
    // In a helper's volume they cannot be looked at before: all of them are kept.
    ...(install.dataAccess.mode === 'host' ? await ownCopyPatterns(install.dataFolder) : []),
    ...settings.exclude,
  ];
  const facts = { access: install.dataAccess.mode };
  return [await context.capture({ volume: '', agents: [], ...placeOf(install), exclude, facts })];
}

/** What is closed, or elsewhere, is read by a helper. */
function placeOf(install: TrinityInstall): CapturePlace {
  const helper = dataTarget(install);
  return helper === undefined ? { root: install.dataFolder } : { helper };
}

/** A linked database lies elsewhere; the link itself is called as Trinity calls it. */
function databasePatterns({ dataFolder, databaseFile }: TrinityInstall): readonly string[] {
  if (databaseFile === undefined) return [];
  const relative = path.relative(dataFolder, databaseFile);
  return patternsOf(databaseExcludes(relative.startsWith('..') ? 'trinity.db' : relative));
}

/** Of Trinity's own copies only the newest is worth its space: it is a second way back, made by other hands. */
async function ownCopyPatterns(dataFolder: string): Promise<readonly string[]> {
  const folder = path.join(dataFolder, ownCopies);
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => ownCopyName.test(name));
  } catch (error) {
    // Not there, or unreadable: then the capture says so.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
  const times = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(path.join(folder, name))).mtimeMs })),
  );
  const [newest] = times.toSorted((one, other) => other.time - one.time || (one.name < other.name ? 1 : -1));
  const excluded = [`/${ownCopies}/trinity-backup-*`, `/${ownCopies}/pre-migration-*`];
  return newest === undefined ? excluded : [...excluded, `!/${ownCopies}/${newest.name}`];
}

/** Swapped name by name: the folder may be a mount point, and Trinity's containers hold on to it. */
async function restore(
  sources: readonly ManifestSource[],
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const swaps: Swap[] = [];
  for (const source of sources) {
    if (context.install.dataAccess.mode !== 'host') {
      await context.stageByHelper(source, dataPlace(context.install));
      continue;
    }
    await context.ensureFolder(context.install.dataFolder);
    // Where an engine serves the install, Trinity still works in the folder: nothing in it can be relied on.
    const onlyChanges = context.install.engine === undefined;
    const target = { live: context.install.dataFolder, way: 'inside', onlyChanges } as const;
    swaps.push(...(await context.stageTree(source, target)));
  }
  return swaps;
}

export const filesHandler: ComponentHandler = {
  component: 'files',
  backup,
  validateSource: async () => await Promise.resolve([]),
  restore,
};

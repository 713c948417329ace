import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import type { BackupContext, ComponentHandler, RestoreContext, Swap } from './component-handler.ts';
import { findHeldFolders } from './held-folders.ts';
import { workFolderExclude } from './work-folder.ts';

/** A name for an extra folder that stays the same whatever other folders there are: readable, one for each path. */
export function pathSlug(folder: string): string {
  const parts = folder.split('/').filter((part) => part !== '');
  const readable = parts
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/gu, '_')
    .replace(/^[._-]+/u, '')
    .slice(0, 100);
  if (
    parts.length > 0 &&
    parts.every((part) => /^[a-z0-9_][a-z0-9._]*$/u.test(part)) &&
    readable.length < 100
  )
    return readable;
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return `${readable === '' ? 'root' : readable}-${hash}`;
}

async function backup(context: BackupContext): Promise<readonly ManifestSource[]> {
  const sources: ManifestSource[] = [];
  const wanted = [...new Set(context.settings.paths)].filter(
    (folder) => context.volumes === undefined || context.volumes.includes(pathSlug(folder)),
  );
  const held = new Map((await findHeldFolders(wanted)).map(({ folder, holder }) => [folder, holder]));
  for (const folder of wanted) {
    const volume = pathSlug(folder);
    const holder = held.get(folder);
    if (holder !== undefined) {
      const message = `${folder} lies in ${holder}, and is in the copy of that one only. Take one of them out of the setting paths.`;
      context.warn({ code: 'path-held', message, component: 'paths', volume });
      continue;
    }
    if (!existsSync(folder)) {
      const message = `The folder ${folder} of the setting paths is not there. Mount its disk, or take it out of the setting.`;
      sources.push(context.fail(volume, [], new AppError('unavailable', message)));
      continue;
    }
    const exclude = [workFolderExclude];
    sources.push(
      await context.capture({ volume, agents: [], root: folder, exclude, facts: { path: folder } }),
    );
  }
  return sources;
}

async function restore(
  sources: readonly ManifestSource[],
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const swaps: Swap[] = [];
  for (const source of sources) {
    const live = liveFolder(source, context);
    if (live === undefined) continue;
    await context.ensureFolder(live);
    swaps.push(...(await context.stageTree(source, { live, way: 'inside', onlyChanges: true })));
  }
  return swaps;
}

/** Only folders that the settings of this home name are written: what a vault says is no permission. */
function liveFolder(source: ManifestSource, context: RestoreContext): string | undefined {
  const live = context.settings.paths.find((folder) => pathSlug(folder) === source.volume);
  if (live !== undefined) return live;
  const message = `The extra folder "${source.volume}" is not among the paths of the settings. Add it there, or restore it into a folder (--to).`;
  if (!context.isNewInstall) throw new AppError('refused', message);
  context.warn({ code: 'path-left-out', message, component: 'paths', volume: source.volume });
  return undefined;
}

export const pathsHandler: ComponentHandler = {
  component: 'paths',
  backup,
  validateSource: async () => await Promise.resolve([]),
  restore,
};

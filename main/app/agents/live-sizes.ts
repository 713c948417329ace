import { lstat, readdir } from 'node:fs/promises';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { patternsOf, workspaceExcludes } from '../../trinity/default-excludes.ts';
import type { PlannedVolume } from '../../trinity/install.ts';
import { parseAgentVolumeName } from '../../trinity/volume-name.ts';
import { compileExclude, type ExcludeMatcher } from '../../vault/capture/walk/exclude.ts';

export type LiveSizes = Readonly<{
  volumes: readonly Readonly<{ volume: string; bytes: number; excludedBytes: number }>[];
  isCut: boolean;
}>;

/** Sizes are a help: what takes longer is shown without. */
const limitMs = 20_000;

/** What each volume holds now, and how much of that the patterns leave out. Volumes that no folder here holds are left out. */
export async function liveSizes(
  volumes: readonly PlannedVolume[],
  exclude: readonly string[],
  signal: AbortSignal,
): Promise<LiveSizes> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const sizes: LiveSizes['volumes'][number][] = [];
  for (const { name, folder, role, access } of volumes) {
    if (access.mode !== 'host' || role === 'platform') continue;
    const isWorkspace = role === 'workspace' || parseAgentVolumeName(name)?.kind === 'workspace';
    const own = isWorkspace ? patternsOf(workspaceExcludes) : [];
    const counted = await sizeOf(folder, compileExclude([...own, ...exclude]), limit);
    signal.throwIfAborted();
    if (counted === undefined) return { volumes: sizes, isCut: true };
    sizes.push({ volume: name, ...counted });
  }
  return { volumes: sizes, isCut: false };
}

type Size = Readonly<{ bytes: number; excludedBytes: number }>;
type Folder = Readonly<{ path: string; names: readonly string[]; isExcluded: boolean }>;

/** Undefined when the time is over. Names are taken as latin1, as the patterns take them. */
async function sizeOf(root: string, exclude: ExcludeMatcher, limit: AbortSignal): Promise<Size | undefined> {
  const size = { bytes: 0, excludedBytes: 0 };
  const waiting: Folder[] = [{ path: Buffer.from(root).toString('latin1'), names: [], isExcluded: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (limit.aborted) return undefined;
    for (const { name, isFolder } of await entriesOf(next.path)) {
      const path = `${next.path}/${name}`;
      const names = [...next.names, name];
      const isExcluded = next.isExcluded || exclude.matchesNames(names, names.length, isFolder);
      if (isFolder) waiting.push({ path, names, isExcluded });
      else size[isExcluded ? 'excludedBytes' : 'bytes'] += await bytesOf(path);
    }
  }
  return size;
}

async function entriesOf(path: string): Promise<readonly Readonly<{ name: string; isFolder: boolean }>[]> {
  try {
    const entries = await readdir(Buffer.from(path, 'latin1'), { withFileTypes: true, encoding: 'latin1' });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch (error) {
    if (isGoneOrForbidden(error)) return [];
    throw error;
  }
}

async function bytesOf(path: string): Promise<number> {
  try {
    const stat = await lstat(Buffer.from(path, 'latin1'));
    return stat.isFile() ? Math.min(stat.size, stat.blocks * 512) : 0;
  } catch (error) {
    if (isGoneOrForbidden(error)) return 0;
    throw error;
  }
}

/** Agents work on meanwhile. */
function isGoneOrForbidden(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM');
}

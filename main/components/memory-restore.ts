import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { isThere } from '../platform/atomic-file.ts';
import type { ContainerState } from '../trinity/docker/engine-facts.ts';
import type { NewVolume } from '../trinity/docker/engine-volumes.ts';
import { canWriteNewVolumes } from '../trinity/volumes/volume-access.ts';
import { isVolumeName } from '../trinity/volume-name.ts';
import { openVolumeStore, type InstallVolume } from '../trinity/volumes/install-volumes.ts';
import type { Place, RestoreContext, Swap } from './component-handler.ts';

/** Docker's mode for the folder of a volume. */
const volumeMode = 0o701;
/** Where a volume's labels stand in an install that no Docker engine serves. */
const labelsFile = 'meta.json';
const awakeStates: readonly ContainerState[] = ['running', 'paused', 'restarting'];
const texts = z.record(z.string(), z.string());
const volumeFacts = z.object({
  labels: texts.default({}),
  driver: z
    .string()
    .nullish()
    .transform((driver) => driver ?? 'local'),
  options: texts.default({}),
  /** They held a secret. */
  optionsLeftOut: z.boolean().default(false),
});

/** Each volume is staged beside its `_data`, where no agent sees it. One that is missing is made by the engine. */
export async function restoreVolumes(
  sources: readonly ManifestSource[],
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const { install, settings, signal } = context;
  if (install.engine === undefined) return await restoreIntoFolders(sources, context);
  const { volumes } = await (await openVolumeStore(install, settings.volumeAccess)).list(signal);
  const known = new Map(volumes.map((volume) => [volume.name, volume]));
  // Whatever cannot be done is refused before anything is made.
  for (const source of sources) requireReachable(known.get(checkedName(source)));
  const swaps: Swap[] = [];
  for (const source of sources) {
    const volume = known.get(source.volume);
    if (volume === undefined ? !makesFolders(source, context) : volume.access.mode === 'helper') {
      await restoreByHelper(source, volume, context);
      continue;
    }
    const live = volume?.folder ?? (await makeVolumeOf(source, context));
    // Nothing of a tree can be relied on in which somebody still works.
    const onlyChanges = volume?.users.every(({ state }) => !awakeStates.includes(state)) === true;
    swaps.push(...(await context.stageTree(source, { live, way: 'beside', onlyChanges })));
  }
  return swaps;
}

function requireReachable(volume: InstallVolume | undefined): void {
  if (volume === undefined || volume.access.mode !== 'none') return;
  const message = `The volume ${volume.name} cannot be written in a folder of this machine. ${volume.access.reason} Restore it into a folder (--to).`;
  throw new AppError('unavailable', message);
}

/** Staged in a volume of ours, by the image of an agent that uses it, before any other. */
async function restoreByHelper(
  source: ManifestSource,
  volume: InstallVolume | undefined,
  context: RestoreContext,
): Promise<void> {
  if (volume === undefined) await context.makeVolume(newVolumeOf(source));
  const containers = volume?.users.filter(({ agent }) => agent !== undefined).map(({ id }) => id) ?? [];
  const live = { kind: 'volume', source: checkedName(source), containers } as const;
  await context.stageByHelper(source, { live, hasLive: volume !== undefined });
}

/** Whether a volume that the engine makes can be written in its folder. */
function makesFolders(source: ManifestSource, { install, settings }: RestoreContext): boolean {
  const { driver, options } = newVolumeOf(source);
  const isPlain = driver === 'local' && Object.keys(options).length === 0;
  return isPlain && settings.volumeAccess !== 'helper' && canWriteNewVolumes(install.engine);
}

/** With exactly the name, driver, options and labels that it had. */
function newVolumeOf(source: ManifestSource): NewVolume {
  const facts = volumeFacts.safeParse(source.facts).data ?? volumeFacts.parse({});
  const { labels, driver, options, optionsLeftOut } = facts;
  const name = checkedName(source);
  if (!optionsLeftOut) return { name, driver, labels, options };
  const message = `The volume ${name} is not there, and its options, which held a password, are in no backup. Make it with docker volume create, or restore it into a folder (--to).`;
  throw new AppError('unavailable', message);
}

async function makeVolumeOf(source: ManifestSource, context: RestoreContext): Promise<string> {
  const { name } = newVolumeOf(source);
  const folder = await context.makeVolume(newVolumeOf(source));
  if (await isThere(folder)) return folder;
  throw new AppError(
    'unavailable',
    `Docker keeps the volume ${name} in ${folder}, which is not here. Restore into a folder (--to).`,
  );
}

async function restoreIntoFolders(
  sources: readonly ManifestSource[],
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const { volumesRoot } = context.install;
  if (volumesRoot === undefined) {
    throw new AppError(
      'usage',
      'No Docker engine and no folder with volumes is set. Name one with install --docker-host or --volumes-root, or restore into a folder (--to).',
    );
  }
  const swaps: Swap[] = [];
  for (const source of sources) {
    const volume = path.join(volumesRoot, checkedName(source));
    const isNew = !(await isThere(volume));
    await context.ensureFolder(volume, volumeMode);
    const live = path.join(volume, '_data');
    swaps.push(...(await context.stageTree(source, { live, way: 'beside', onlyChanges: true })));
    if (isNew) swaps.push(...(await stageLabels(source, volume, context)));
  }
  return swaps;
}

/** Trinity disowns a volume that lacks its labels. */
async function stageLabels(
  source: ManifestSource,
  volume: string,
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const labels = volumeFacts.safeParse(source.facts).data?.labels ?? {};
  if (Object.keys(labels).length === 0) return [];
  const work = await context.openWorkFolder(volume);
  await writeFile(path.join(work, labelsFile), `${JSON.stringify({ labels }, null, 2)}\n`, {
    mode: 0o644,
    flag: 'wx',
    flush: true,
  });
  const place = (root: string): Place => ({ root, path: Buffer.from(labelsFile) });
  return [{ kind: 'whole', live: place(volume), staged: place(work), work, keep: undefined }];
}

function checkedName({ volume }: ManifestSource): string {
  if (isVolumeName(volume)) return volume;
  throw new AppError(
    'damaged',
    'The backup names a volume as no volume can be called. Restore another backup.',
  );
}

import { readdir } from 'node:fs/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { NewVolume } from '../../trinity/docker/engine-volumes.ts';
import { isEmptyByHelper } from '../by-helper/swap-by-helper.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';
import type { Journal } from '../restore/swap/journal-model.ts';

export type MadeVolume = Journal['madeVolumes'][number];

const removeLimitMs = 120_000;

/** Lets the engine make a volume, known to the journal before it is there. Resolves with the folder of its content. */
export async function makeVolume(
  journal: OpenJournal,
  host: string,
  volume: NewVolume,
  signal: AbortSignal,
): Promise<string> {
  const { madeVolumes } = journal.content;
  const engine = await openDockerEngine(host);
  if ((await engine.inspectVolume(volume.name, signal)) !== undefined) {
    const message = `The volume ${volume.name} has just appeared. Try again.`;
    throw new AppError('failed', message);
  }
  await journal.update({ madeVolumes: [...madeVolumes, { host, name: volume.name, isFilled: false }] });
  return (await engine.createVolume(volume, signal)).mountpoint;
}

/**
 * Removes a volume that was made for a restore which did not come about. One that somebody uses or has written to by now stays, and so
 * does one that is older than the restore: the engine never got to making it.
 */
export async function removeMadeVolume(
  { host, name, isFilled }: MadeVolume,
  { startedAt, helperSwaps }: Pick<Journal, 'startedAt' | 'helperSwaps'>,
): Promise<void> {
  const signal = AbortSignal.timeout(removeLimitMs);
  const engine = await openDockerEngine(host);
  const volume = await engine.inspectVolume(name, signal);
  if (volume?.createdAt === undefined) return;
  // Told in whole seconds.
  if (Date.parse(volume.createdAt) < Math.floor(Date.parse(startedAt) / 1000) * 1000) return;
  const isByHelper = helperSwaps.some((swap) => swap.source === name && swap.host === host);
  const isUnused =
    isFilled || (await (isByHelper ? isEmptyByHelper(host, name) : isEmpty(volume.mountpoint)));
  if (!isUnused) return;
  try {
    await engine.removeVolume(name, signal);
  } catch (error) {
    if (!(error instanceof AppError && error.kind === 'busy')) throw error;
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    throw error;
  }
}

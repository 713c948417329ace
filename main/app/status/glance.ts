import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { boundedCall } from '../../storage/bounded-call.ts';
import { parseLocation } from '../../storage/location.ts';
import type { Engine } from '../engine.ts';
import { lookAtInstall } from './expected-sources.ts';

const placeLimitMs = 10_000;

/**
 * What changes the state without a word to anybody, and is there to be seen on this machine: whether the vault's folder is there, what
 * the install and its Docker engine have. As a text that is another when any of it is. Nothing is opened or read in the vault, so that its
 * disk may sleep, and no bucket is asked.
 */
export async function glance(engine: Engine): Promise<string> {
  const { settings } = await engine.settings.read();
  const { volumes, version, problem } = await lookAtInstall(settings);
  const shown = volumes?.map(({ name, agents, included }) => [name, agents, included]);
  return JSON.stringify([await placeOf(settings.backup.path), shown, version, problem]);
}

/** Which file the vault's header is: none on the mount point that a disk has left, another one on another disk. */
async function placeOf(vault: string | undefined): Promise<string> {
  const location = vault === undefined ? undefined : parseLocation(vault);
  if (location?.kind !== 'folder') return '';
  try {
    const { dev, ino } = await boundedCall(
      { limitMs: placeLimitMs, signal: undefined, place: location.path },
      async () => await stat(path.join(location.path, 'vault.json')),
    );
    return [dev, ino].join(' ');
  } catch (error) {
    if (error instanceof AppError) return 'does not answer';
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EIO', 'ESTALE', 'ENOTCONN')) return 'away';
    throw error;
  }
}

import { AppError } from '../../../shared/lib/app-error.ts';
import { parseLocation } from '../../storage/location.ts';
import type { Engine } from '../engine.ts';

/**
 * Why a backup has to wait for the vault's place: its disk is not mounted, its share does not answer. Everything else is for the backup
 * itself to find, and to fail by.
 */
export async function destinationProblem(engine: Engine): Promise<string | undefined> {
  const { settings } = await engine.settings.read();
  const { path } = settings.backup;
  if (path === undefined) return undefined;
  try {
    await engine.storages.open(parseLocation(path));
    return undefined;
  } catch (error) {
    return error instanceof AppError && error.kind === 'unavailable' ? error.message : undefined;
  }
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { HomeSettings, InstallSettings } from '../../../shared/model/settings.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import { readBackend } from '../../trinity/docker/trinity-containers.ts';
import type { UpgradeFacts } from './facts.ts';

const askLimitMs = 10_000;

type Versions = Readonly<{ installed: string | undefined; newest: Manifest | undefined }>;

/** Whether Trinity is of another version than its newest backup, and whether that one runs already. */
export async function upgradeOf(
  { install }: HomeSettings,
  { installed, newest }: Versions,
): Promise<UpgradeFacts | undefined> {
  const backedUp = newest?.install['trinityVersion'];
  if (install === undefined || installed === undefined || typeof backedUp !== 'string') return undefined;
  if (backedUp === installed) return undefined;
  const kind = (await runsSinceBefore(install)) ? 'ready' : 'changed';
  return { kind, from: backedUp, to: installed };
}

/** The backend was started before the version in the checkout was: what runs is the one before. */
async function runsSinceBefore({ dockerHost, folder }: InstallSettings): Promise<boolean> {
  if (dockerHost === undefined) return false;
  try {
    const backend = await readBackend(await openDockerEngine(dockerHost), AbortSignal.timeout(askLimitMs));
    const { mtimeMs } = await stat(join(folder, 'VERSION'));
    return backend?.container.state === 'running' && Date.parse(backend.container.startedAt) < mtimeMs;
  } catch (error) {
    // Both are asked by others too, who tell what is wrong with them.
    if (error instanceof AppError || hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

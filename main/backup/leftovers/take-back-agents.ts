import { AppError } from '../../../shared/lib/app-error.ts';
import { BackendApi, backendPlace } from '../../trinity/backend-api.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import { backendContainer } from '../../trinity/docker/find-engine.ts';
import { parseEnv } from '../../trinity/env-file.ts';
import { readEnvironment } from '../../trinity/read-install.ts';
import type { LeftAgent } from './leftover-journal.ts';

/** The backend may have been started a moment ago. */
const healthLimitMs = 60_000;

/** Deletes agents in Trinity again; one that is not there any more, or never came about, is done. */
export async function takeBackAgents(agents: readonly LeftAgent[], signal: AbortSignal): Promise<void> {
  for (const { host, folder, name } of agents) {
    const backend = await (await openDockerEngine(host)).inspectContainer(backendContainer, signal);
    const env = parseEnv((await readEnvironment(folder, host, signal)) ?? '');
    const api = new BackendApi(backendPlace(backend, env));
    if (backend?.state !== 'running') throw noBackend('it does not run');
    const health = await api.healthWithin(healthLimitMs, signal);
    if (health.state !== 'healthy') throw noBackend('it is not healthy');
    await deleteOnce(api, name, signal);
  }
}

async function deleteOnce(api: BackendApi, name: string, signal: AbortSignal): Promise<void> {
  try {
    await api.deleteAgent(name, signal);
  } catch (error) {
    if (!(error instanceof AppError && error.kind === 'not-found')) throw error;
  }
}

function noBackend(why: string): AppError {
  return new AppError('unavailable', `Trinity's backend cannot be asked, since ${why}. Start Trinity.`);
}

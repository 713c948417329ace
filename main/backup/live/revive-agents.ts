import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { ManifestSource } from '../../../shared/model/manifest.ts';
import { BackendApi, backendPlace } from '../../trinity/backend-api.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import { backendContainer } from '../../trinity/docker/find-engine.ts';
import type { AgentRow, TrinityInstall } from '../../trinity/install.ts';
import { agentVolumeName } from '../../trinity/volume-name.ts';
import type { LeftAgent } from '../leftovers/leftover-journal.ts';
import type { RestoreRun } from '../restore/restore-run.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';
import { liveAgents } from './volume-owners.ts';

/**
 * Gives agents that were asked for by name, and that are deleted by now, back to Trinity before their volumes go live, since it removes
 * volumes that no row owns: by its own recovery, else by creating them again. Does nothing where the database comes back too. `refused`
 * where neither can be done. The journal names each before it is there: it goes again when the restore does not come about.
 */
export async function reviveAgents(
  run: RestoreRun,
  install: TrinityInstall,
  journal: OpenJournal,
): Promise<readonly Finding[]> {
  const { agents, api } = await deletedAgents(run, install);
  const { signal } = run.options;
  const notes: Finding[] = [];
  for (const { agent, how } of agents) {
    const left = { host: install.engine?.host ?? '', folder: install.folder, name: agent };
    await journaled(journal, left, async () =>
      how === 'recovered' ? await api?.recoverAgent(agent, signal) : await api?.createAgent(agent, signal),
    );
    const words = how === 'recovered' ? 'was recovered' : 'was created again';
    notes.push({
      code: 'agent-revived',
      message: `The agent ${agent}, which had been deleted, ${words} in Trinity.`,
    });
  }
  return notes;
}

export type DeletedAgent = Readonly<{ agent: string; how: 'recovered' | 'created' }>;

/** Agents that were asked for and are deleted by now, how Trinity gets them back, and its door. `refused` where it cannot. */
export async function deletedAgents(
  run: RestoreRun,
  install: TrinityInstall,
): Promise<Readonly<{ agents: readonly DeletedAgent[]; api?: BackendApi }>> {
  const { request, selection, options } = run;
  const bringsRows = selection.sources.some(({ component }) => component === 'persistence');
  if (install.engine === undefined || request.agents === undefined || bringsRows) return { agents: [] };
  const rows = await liveAgents(run, install);
  const gone = rows === undefined ? [] : request.agents.filter((agent) => !isLive(rows, agent));
  if (rows === undefined || gone.length === 0) return { agents: [] };
  const api = await openApi(install, gone, options.signal);
  const agents = gone.map((agent): DeletedAgent => {
    if (rows.some(({ name }) => name === agent)) return { agent, how: 'recovered' };
    requireSameName(agent, selection.sources);
    return { agent, how: 'created' };
  });
  return { agents, api };
}

/** What Trinity has refused it has not made: an agent of that name is somebody else's then. */
async function journaled(journal: OpenJournal, agent: LeftAgent, revive: () => Promise<void>): Promise<void> {
  const { revivedAgents } = journal.content;
  await journal.update({ revivedAgents: [...revivedAgents, agent] });
  try {
    await revive();
  } catch (error) {
    if (isRefusal(error)) await journal.update({ revivedAgents });
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const status = Number(error.details['status']);
  return error.kind === 'refused' || (status >= 400 && status < 500);
}

function isLive(rows: readonly AgentRow[], agent: string): boolean {
  return rows.some(({ name, deletedAt }) => name === agent && deletedAt === undefined);
}

async function openApi(
  { engine: place, env }: TrinityInstall,
  gone: readonly string[],
  signal: AbortSignal,
): Promise<BackendApi> {
  const backend =
    place === undefined
      ? undefined
      : await (await openDockerEngine(place.host)).inspectContainer(backendContainer, signal);
  const api = new BackendApi(backendPlace(backend, env));
  if (backend?.state === 'running' && (await api.health(signal)).state === 'healthy') return api;
  throw new AppError(
    'refused',
    `Trinity has no agent ${gone.join(', ')} any more, and its backend is not there to create it again. Start Trinity, or restore into a folder (--to).`,
  );
}

/** Trinity calls the volume after the agent: under another name it would not be the agent's. */
function requireSameName(agent: string, sources: readonly ManifestSource[]): void {
  const expected = agentVolumeName(agent, 'workspace');
  if (sources.some(({ volume }) => volume === expected)) return;
  const message = `Trinity has no agent ${agent} any more, and would give a new one a volume of another name than the backup holds. Restore into a folder (--to).`;
  throw new AppError('refused', message);
}

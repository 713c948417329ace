import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Manifest, ManifestSource } from '../../../shared/model/manifest.ts';
import type { BackendApi } from '../../trinity/backend-api.ts';
import { openDockerEngine, type DockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { ContainerFacts } from '../../trinity/docker/engine-facts.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { RestoreRun } from '../restore/restore-run.ts';

/** How containers ran when the backup was made. What a manifest says more, or in another way, is passed over. */
const recordedShape = z.array(
  z.object({
    name: z.string(),
    state: z.string(),
    restartPolicy: z.string().default(''),
    volumes: z.array(z.object({ name: z.string() })).default([]),
  }),
);
type Recorded = z.infer<typeof recordedShape>[number];

/** An agent that ran when the backup was made. */
export type AgentToStart = Readonly<{
  agent: string;
  container: Recorded;
  /** Those of its volumes that the backup holds. */
  volumes: readonly string[];
}>;

/** What is asked to start agents. */
export type Starter = Readonly<{ engine: DockerEngine; api: BackendApi; signal: AbortSignal }>;

const prefix = 'agent-';
const awake: readonly string[] = ['running', 'paused', 'restarting'];
const policies: readonly string[] = ['no', 'always', 'unless-stopped', 'on-failure'];
const settleLimitMs = 60_000;
const pollMs = 250;

/** Agents of these sources that ran when the backup was made. */
export function agentsToStart(
  { install }: Pick<Manifest, 'install'>,
  sources: readonly ManifestSource[],
): readonly AgentToStart[] {
  const recorded = recordedShape.safeParse(install['containers']).data ?? [];
  const agents = new Set(sources.flatMap(({ agents: served }) => served));
  const held = new Set(sources.flatMap(({ component, volume }) => (component === 'memory' ? [volume] : [])));
  return recorded.flatMap((container) => {
    const agent = container.name.startsWith(prefix) ? container.name.slice(prefix.length) : '';
    if (!agents.has(agent) || !awake.includes(container.state)) return [];
    const volumes = container.volumes.map(({ name }) => name).filter((name) => held.has(name));
    return [{ agent, container, volumes }];
  });
}

/**
 * Agents of restored volumes that ran when the backup was made and have no container now: Trinity makes it anew from the agent's row,
 * and it runs as it did. Resolves with what could not be done.
 */
export async function startMissingAgents(
  { manifest, selection, options }: RestoreRun,
  { engine: place }: TrinityInstall,
  api: BackendApi,
): Promise<readonly Finding[]> {
  if (place === undefined || selection.paths.size > 0) return [];
  const { signal } = options;
  const starter = { engine: await openDockerEngine(place.host), api, signal };
  const warnings: Finding[] = [];
  for (const each of agentsToStart(manifest, selection.sources)) {
    try {
      if ((await starter.engine.inspectContainer(each.container.name, signal)) === undefined)
        await startAgent(starter, each);
    } catch (error) {
      warnings.push(notStarted(each.agent, error));
    }
  }
  return warnings;
}

/** Has Trinity start an agent that does not run. It runs as it did, with the volumes that were restored, when this resolves. */
export async function startAgent(
  { engine, api, signal }: Starter,
  { agent, container: { name, state, restartPolicy }, volumes }: AgentToStart,
): Promise<void> {
  const before = await engine.inspectContainer(name, signal);
  const ran = before !== undefined && awake.includes(before.state);
  if (!ran) {
    await api.startAgent(agent, signal);
    await settled(api, agent, signal);
  }
  const limit = AbortSignal.timeout(settleLimitMs);
  const now = await engine.inspectContainer(name, limit);
  if (now === undefined) throw new AppError('failed', 'Trinity has started it, and it has no container.');
  requireVolumes(now, volumes);
  // Also of one that ran: whoever started it may have been killed before this.
  if (policies.includes(restartPolicy) && now.restartPolicy.name !== restartPolicy)
    await engine.setRestartPolicy(now.id, { name: restartPolicy, maximumRetryCount: 0 }, limit);
  if (ran) return;
  if (state === 'paused') await engine.pause(now.id, limit);
}

export function notStarted(agent: string, error: unknown): Finding {
  const message = `The agent ${agent} is restored, but does not run yet: ${messageOf(error)} Start it in Trinity.`;
  return { code: 'agent-not-started', message, component: 'memory' };
}

/** Trinity answers when the agent does; that it goes on running is asked for all the same. */
async function settled(api: BackendApi, agent: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + settleLimitMs;
  for (;;) {
    const status = await api.agentStatus(agent, signal);
    if (status === 'running') return;
    if (performance.now() > deadline) throw new AppError('failed', `Trinity says that it is ${status}.`);
    await delay(pollMs, undefined, { signal });
  }
}

/** Docker makes an empty volume for each that it does not know: an agent without its own has lost everything, and seems well. */
function requireVolumes({ mounts }: ContainerFacts, volumes: readonly string[]): void {
  const mounted = new Set(mounts.map(({ volume }) => volume));
  const missing = volumes.filter((volume) => !mounted.has(volume));
  if (missing.length === 0) return;
  throw new AppError('failed', `It runs without its volume ${missing.join(', ')}.`);
}

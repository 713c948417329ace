import { z } from 'zod';
import { messageOf } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { BackendApi } from '../../trinity/backend-api.ts';
import { openDockerEngine, type DockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import type { RestoreRun } from '../restore/restore-run.ts';

/** How containers ran when the backup was made. What a manifest says more, or in another way, is passed over. */
const recordedShape = z.array(z.object({ name: z.string(), state: z.string(), restartPolicy: z.string() }));
type Recorded = z.infer<typeof recordedShape>[number];

const prefix = 'agent-';
const awake: readonly string[] = ['running', 'paused', 'restarting'];
const policies: readonly string[] = ['no', 'always', 'unless-stopped', 'on-failure'];
const settleLimitMs = 60_000;

/**
 * Agents of restored volumes that ran when the backup was made and have no container now: Trinity makes it anew from the agent's row,
 * and it runs as it did. Resolves with what could not be done.
 */
export async function startMissingAgents(
  { manifest, selection, options }: RestoreRun,
  { engine: place }: TrinityInstall,
  api: BackendApi,
): Promise<readonly Finding[]> {
  const recorded = recordedShape.safeParse(manifest.install['containers']).data ?? [];
  const agents = new Set(selection.sources.flatMap(({ agents: served }) => served));
  if (place === undefined || selection.paths.size > 0) return [];
  const engine = await openDockerEngine(place.host);
  const warnings: Finding[] = [];
  for (const container of recorded) {
    const agent = container.name.startsWith(prefix) ? container.name.slice(prefix.length) : '';
    if (!agents.has(agent) || !awake.includes(container.state)) continue;
    try {
      await startMissing({ engine, api, signal: options.signal }, agent, container);
    } catch (error) {
      const message = `The agent ${agent} is restored, but does not run yet: ${messageOf(error)} Start it in Trinity.`;
      warnings.push({ code: 'agent-not-started', message, component: 'memory' });
    }
  }
  return warnings;
}

async function startMissing(
  { engine, api, signal }: Readonly<{ engine: DockerEngine; api: BackendApi; signal: AbortSignal }>,
  agent: string,
  { name, state, restartPolicy }: Recorded,
): Promise<void> {
  if ((await engine.inspectContainer(name, signal)) !== undefined) return;
  await api.startAgent(agent, signal);
  const limit = AbortSignal.timeout(settleLimitMs);
  const now = await engine.inspectContainer(name, limit);
  if (now === undefined) return;
  if (policies.includes(restartPolicy) && now.restartPolicy.name !== restartPolicy)
    await engine.setRestartPolicy(now.id, { name: restartPolicy, maximumRetryCount: 0 }, limit);
  if (state === 'paused') await engine.pause(now.id, limit);
}

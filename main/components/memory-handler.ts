import { AppError, messageOf } from '../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { patternsOf, workspaceExcludes } from '../trinity/default-excludes.ts';
import type { AgentRow, PlannedVolume, VolumePlan } from '../trinity/install.ts';
import { openDockerEngine } from '../trinity/docker/docker-engine.ts';
import { recordedContainers } from '../trinity/docker/trinity-containers.ts';
import { planVolumes } from '../trinity/plan-volumes.ts';
import { parseAgentVolumeName } from '../trinity/volume-name.ts';
import type { BackupContext, CapturePlace, CaptureSource, ComponentHandler } from './component-handler.ts';
import type { RunCopy } from './database-copy.ts';
import { agentsOfCopy, databaseCopyOf, laterCopyOf } from './database-copy.ts';
import { restoreVolumes } from './memory-restore.ts';

const component = 'memory';

type Known = Readonly<{ agents: readonly AgentRow[]; copy: RunCopy | undefined }>;

async function backup(context: BackupContext): Promise<readonly ManifestSource[]> {
  if (context.install.volumesRoot === undefined && context.install.engine === undefined) {
    const message =
      'No Docker engine and no folder with volumes is set, so no agent is backed up. Name one with install --docker-host or --volumes-root.';
    return [context.fail('', [], new AppError('unavailable', message))];
  }
  const known = await readKnown(context);
  const plan = withNamedAgents(
    await planVolumes(context.install, known.agents, context.settings, context.signal),
    known,
  );
  if (context.volumes === undefined) {
    reportPlan(plan, context);
    await recordRunStates(context);
  }
  const sources: ManifestSource[] = [];
  for (const volume of plan.volumes.filter((planned) => isWanted(planned, context))) {
    sources.push(await captureVolume(volume, known, context));
  }
  if (context.volumes === undefined) await recordDrift(context, known, plan);
  return sources;
}

/** Without a readable database volumes are found by their names and labels alone: none is lost, they only lack their agents. */
async function readKnown(context: BackupContext): Promise<Known> {
  try {
    const copy = await databaseCopyOf(context);
    const agents = agentsOfCopy(copy);
    if (agents !== undefined) return { agents, copy };
    warnUnknown(context, 'the database is damaged');
  } catch (error) {
    context.signal.throwIfAborted();
    warnUnknown(context, messageOf(error));
  }
  return { agents: [], copy: undefined };
}

/** Where no row can be read, a volume counts for the agent that its name tells: else no restore would find it by agent. */
function withNamedAgents(plan: VolumePlan, known: Known): VolumePlan {
  if (known.copy !== undefined) return plan;
  const volumes = plan.volumes.map((volume) => {
    const base = parseAgentVolumeName(volume.name)?.base;
    return base === undefined ? volume : { ...volume, agents: [base] };
  });
  return { ...plan, volumes };
}

function warnUnknown(context: BackupContext, reason: string): void {
  const message = `Agents could not be read (${reason}); volumes were found by their names and labels.`;
  context.warn({ code: 'agents-unknown', message, component });
}

function isWanted(volume: PlannedVolume, context: BackupContext): boolean {
  if (context.volumes !== undefined) return context.volumes.includes(volume.name);
  if (!volume.included) return false;
  return context.agents === undefined || volume.agents.some((agent) => context.agents?.includes(agent));
}

async function captureVolume(
  volume: PlannedVolume,
  known: Known,
  context: BackupContext,
): Promise<ManifestSource> {
  if (volume.access.mode === 'none') {
    const message = `The volume ${volume.name} cannot be read. ${volume.access.reason}`;
    return context.fail(volume.name, volume.agents, new AppError('unavailable', message));
  }
  const isWorkspace = volume.role === 'workspace' || parseAgentVolumeName(volume.name)?.kind === 'workspace';
  return await context.capture({
    volume: volume.name,
    agents: volume.agents,
    ...placeOf(volume),
    exclude: [...(isWorkspace ? patternsOf(workspaceExcludes) : []), ...context.settings.exclude],
    ...(volume.driver === undefined
      ? {}
      : { hold: { agents: context.settings.agents, bases: basesOf(known.agents) } }),
    facts: volumeFacts(volume),
  });
}

function placeOf({ access, folder, name, users }: PlannedVolume): CapturePlace {
  if (access.mode === 'host') return { root: folder };
  // The images of agents come first: they surely have what a helper needs.
  const containers = users.toSorted(
    (one, other) => Number(other.agent !== undefined) - Number(one.agent !== undefined),
  );
  return { helper: { kind: 'volume', source: name, containers: containers.map(({ id }) => id) } };
}

/** A restore on another host brings each container back to how it ran here. */
async function recordRunStates(context: BackupContext): Promise<void> {
  const { install, signal } = context;
  if (install.engine === undefined) return;
  try {
    const engine = await openDockerEngine(install.engine.host);
    const containers = await engine.listContainers({ all: true }, signal);
    context.record(
      'containers',
      recordedContainers(containers, install.projectName).map((one) => ({
        ...one,
        labels: { ...one.labels },
        volumes: one.volumes.map((volume) => ({ ...volume })),
      })),
    );
  } catch (error) {
    signal.throwIfAborted();
    const message = `How the containers ran could not be recorded: ${messageOf(error)}`;
    context.warn({ code: 'containers-unknown', message, component });
  }
}

function basesOf(agents: readonly AgentRow[]): ReadonlyMap<string, string> {
  return new Map(agents.map(({ name, volumeBase }) => [name, volumeBase]));
}

/** What a restore needs to have the volume made again. Options may hold the password of a network share, which no backup needs. */
function volumeFacts({
  role,
  labels,
  reason,
  driver,
  options,
  access,
}: PlannedVolume): CaptureSource['facts'] {
  const isSecret = Object.values(options).some((value) => /passw|user(?:name)?=|cred/iu.test(value));
  return {
    role,
    labels: { ...labels },
    reason,
    driver: driver ?? null,
    access: access.mode,
    ...(isSecret ? { optionsLeftOut: true } : { options: { ...options } }),
  };
}

function reportPlan(plan: VolumePlan, context: BackupContext): void {
  const isAsked = (agent: string) => context.agents?.includes(agent) ?? true;
  for (const { name, agent } of plan.missing.filter((missing) => isAsked(missing.agent))) {
    const message = `The volume ${name} of agent ${agent} is not there: nothing of it is in this backup.`;
    context.warn({ code: 'volume-missing', message, component, volume: name });
  }
  const leftOut = plan.volumes
    .filter(({ included }) => !included)
    .map(({ name, agents, reason }) => ({ name, agents: [...agents], reason }));
  context.record('leftOut', leftOut);
  if (plan.skippedAgents.length > 0)
    context.record(
      'skippedAgents',
      plan.skippedAgents.map((skipped) => ({ ...skipped })),
    );
}

/** What changed while volumes were copied: on a restore it tells why a row and its volume may not match. */
async function recordDrift(context: BackupContext, known: Known, plan: VolumePlan): Promise<void> {
  try {
    const later = known.copy === undefined ? undefined : await laterCopyOf(context, known.copy);
    const agents = (later === undefined ? undefined : agentsOfCopy(later)) ?? known.agents;
    const laterPlan = await planVolumes(context.install, agents, context.settings, context.signal);
    const drift = {
      agents: difference(known.agents.map(agentText), agents.map(agentText)),
      volumes: difference(
        plan.volumes.map(({ name }) => name),
        laterPlan.volumes.map(({ name }) => name),
      ),
    };
    if (Object.values(drift).every(({ added, gone }) => added.length + gone.length === 0)) return;
    context.record('drift', drift);
    const message = 'Agents or volumes changed while they were copied; what changed is in the manifest.';
    context.note({ code: 'drift', message, component });
  } catch (error) {
    context.signal.throwIfAborted();
    context.warn({
      code: 'drift-unknown',
      message: `Agents could not be read again: ${messageOf(error)}`,
      component,
    });
  }
}

function agentText({ name, volumeBase, deletedAt }: AgentRow): string {
  return `${name} (${volumeBase}${deletedAt === undefined ? '' : ', deleted'})`;
}

function difference(first: readonly string[], later: readonly string[]): { added: string[]; gone: string[] } {
  return {
    added: later.filter((text) => !first.includes(text)),
    gone: first.filter((text) => !later.includes(text)),
  };
}

export const memoryHandler: ComponentHandler = {
  component,
  backup,
  validateSource: async () => await Promise.resolve([]),
  restore: restoreVolumes,
};

import { agentNameProblem } from '../../../../shared/lib/agent-name.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { databaseCopyOf } from '../../../components/database-copy.ts';
import { databasePlace, type DatabasePlace } from '../../../components/live-database.ts';
import { agentsIn } from '../../../trinity/agents.ts';
import type { AgentRow, TrinityInstall } from '../../../trinity/install.ts';
import { columnNames, readCopy } from '../../../trinity/open-copy.ts';
import { agentVolumeName } from '../../../trinity/volume-name.ts';
import { openVolumeStore } from '../../../trinity/volumes/install-volumes.ts';
import { openDockerEngine } from '../../../trinity/docker/docker-engine.ts';
import { openScratch } from '../../scratch.ts';
import type { RestoreRequest } from '../../services.ts';
import type { RestoreRun } from '../restore-run.ts';
import type { RowTemplate } from './agent-row.ts';
import { copiedVolumes, type CopiedVolumes } from './copied-volumes.ts';

/** An agent of a backup as a new one of another name. */
export type AgentCopy = CopiedVolumes &
  Readonly<{ agent: string; name: string; template: RowTemplate; database: DatabasePlace }>;

type LiveRows = Readonly<{ agents: readonly AgentRow[]; columns: ReadonlySet<string> }>;

/** `usage` unless exactly one whole agent is asked for, under a name that Trinity takes. Returns the agent. */
export function requireOneAgent({ agents, only, paths }: RestoreRequest, name: string): string {
  const [agent] = agents ?? [];
  const isOne = agent !== undefined && agents?.length === 1;
  if (!isOne || paths !== undefined || only?.some((component) => component !== 'memory') === true) {
    const message = 'Another name is for one whole agent: name it with --agent, without --only and --path.';
    throw new AppError('usage', message);
  }
  const problem = agentNameProblem(name);
  if (problem !== undefined) throw new AppError('usage', problem);
  if (name === agent) {
    const message = `The agent has the name ${name} already. Choose another one, or restore it where it was.`;
    throw new AppError('usage', message);
  }
  return agent;
}

/** What has to be made; `refused` where the name is taken, or where Trinity could not run such an agent. Changes nothing. */
export async function planCopy(run: RestoreRun, install: TrinityInstall, name: string): Promise<AgentCopy> {
  const agent = requireOneAgent(run.request, name);
  const volumes = copiedVolumes(run.selection.sources, agent, name);
  const database = databasePlace(install);
  const rows = await liveRows(run, install);
  requireFree(rows.agents, name);
  await requireNoRemains(run, install, name);
  // After a renaming it goes by another name than in the backup, but its workspace does not.
  const source =
    rows.agents.find(({ volumeBase }) => volumeBase === volumes.base) ??
    rows.agents.find((row) => row.name === agent);
  if (source?.isSystem === true || volumes.base === 'trinity-system') {
    const message = `${agent} is Trinity's own agent, of which there is one. Restore it where it was, or into a folder (--to).`;
    throw new AppError('refused', message);
  }
  const template = { agent: source?.name, columns: rows.columns, hasPublic: volumes.hasPublic };
  return { ...volumes, agent, name, template, database };
}

/** Without the column for deleted agents a row would be live before its volumes are there. */
async function liveRows({ context, options }: RestoreRun, install: TrinityInstall): Promise<LiveRows> {
  await using scratch = await openScratch(context.home);
  const copy = await databaseCopyOf({ install, scratch: scratch.folder, signal: options.signal });
  const rows = readCopy(copy.rows, (database) => ({
    agents: agentsIn(database),
    columns: columnNames(database, 'agent_ownership'),
  }));
  if (rows.columns.has('agent_name') && rows.columns.has('deleted_at')) return rows;
  const message = 'This Trinity is too old to add an agent to. Update it, or restore into a folder (--to).';
  throw new AppError('refused', message);
}

function requireFree(agents: readonly AgentRow[], name: string): void {
  const holder = agents.find((row) => row.name === name || row.volumeBase === name);
  if (holder === undefined) return;
  if (holder.name !== name)
    throw taken(`The agent ${holder.name} was called ${name} once, and its volumes still are.`);
  throw taken(
    holder.deletedAt === undefined
      ? `Trinity has an agent ${name} already.`
      : `Trinity keeps the name ${name} for an agent that was deleted.`,
  );
}

/** What Trinity would take for the new agent's own. */
async function requireNoRemains(
  { context, options: { signal } }: RestoreRun,
  install: TrinityInstall,
  name: string,
): Promise<void> {
  const { volumes } = await (await openVolumeStore(install, context.settings.volumeAccess)).list(signal);
  const own = (['workspace', 'public', 'shared'] as const).map((kind) => agentVolumeName(name, kind));
  const left = volumes.find((volume) => own.includes(volume.name));
  if (left !== undefined) throw taken(`There is a volume ${left.name} already.`);
  if (install.engine === undefined) return;
  const engine = await openDockerEngine(install.engine.host);
  if ((await engine.inspectContainer(`agent-${name}`, signal)) === undefined) return;
  throw taken(`There is a container agent-${name} already.`);
}

function taken(message: string): AppError {
  return new AppError('refused', `${message} Choose another name.`, { details: { isNameTaken: true } });
}

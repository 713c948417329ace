import { AppError } from '../../../shared/lib/app-error.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { agentsOfCopy, databaseCopyOf } from '../../components/database-copy.ts';
import { readAgents } from '../../trinity/agents.ts';
import type { AgentRow, PlannedVolume, TrinityInstall } from '../../trinity/install.ts';
import { planVolumes } from '../../trinity/plan-volumes.ts';
import type { RestoreRun } from '../restore/restore-run.ts';
import { openScratch } from '../scratch.ts';
import type { Staging } from '../restore/staging/staging.ts';

const allVolumes = { agents: {}, volumes: {} } as const;

/** A volume comes back without its agent: Trinity takes it for an orphan and removes it within hours. */
export async function warnOfOwnerless(
  run: RestoreRun,
  { install, staging }: Readonly<{ install: TrinityInstall; staging: Staging }>,
): Promise<void> {
  const names = await ownerlessVolumes(run, install);
  if (names.length === 0) return;
  const message =
    `No agent in Trinity's database owns ${names.join(', ')} any more, and Trinity removes such volumes within hours of its start. ` +
    'Create the agent again, restore the database too, or restore into a folder (--to).';
  staging.warnings.add({ code: 'agent-gone', message, component: 'memory' });
}

/** Volumes of agents that come back while no row of the live database, which stays, has their agent. */
export async function ownerlessVolumes(run: RestoreRun, install: TrinityInstall): Promise<readonly string[]> {
  const volumes = run.selection.sources.filter(
    ({ component, agents }) => component === 'memory' && agents.length > 0,
  );
  if (volumes.length === 0 || run.selection.sources.some(({ component }) => component === 'persistence'))
    return [];
  const agents = await liveAgents(run, install);
  if (agents === undefined) return [];
  const plan = await planVolumes(install, agents, allVolumes);
  const owned = new Set(
    [...plan.volumes.filter((volume) => volume.agents.length > 0), ...plan.missing].map(({ name }) => name),
  );
  return volumes.filter(({ volume }) => !owned.has(volume)).map(({ volume }) => volume);
}

// An install is read anew for each run, and so are its agents.
const known = new WeakMap<TrinityInstall, Promise<readonly AgentRow[] | undefined>>();

/** Undefined where the live database cannot tell. */
export async function liveAgents(
  run: RestoreRun,
  install: TrinityInstall,
): Promise<readonly AgentRow[] | undefined> {
  const asked = known.get(install) ?? readLiveAgents(run, install);
  known.set(install, asked);
  return await asked;
}

async function readLiveAgents(
  { context, options }: RestoreRun,
  install: TrinityInstall,
): Promise<readonly AgentRow[] | undefined> {
  await using scratch = await openScratch(context.home);
  try {
    return agentsOfCopy(await databaseCopyOf({ install, scratch: scratch.folder, signal: options.signal }));
  } catch (error) {
    if (error instanceof AppError && (error.kind === 'unavailable' || error.kind === 'busy'))
      return undefined;
    throw error;
  }
}

/** Live volumes that no row of the restored database will own, and that the backup does not know either. */
export async function youngerVolumes(
  run: RestoreRun,
  parts: Readonly<{ install: TrinityInstall; staging: Staging; database: string | undefined }>,
): Promise<readonly string[]> {
  const { install, staging, database } = parts;
  if (database === undefined) return [];
  const { volumes: names, agents } = await youngerThan(run, install, readAgents(database));
  if (names.length === 0) return [];
  const whose = agents.length === 0 ? '' : `, such as of ${agents.join(', ')}`;
  const message =
    `These volumes are younger than the backup, and no agent in its database owns them: ${names.join(', ')}${whose}. ` +
    'They were left as they are and are in the safety backup. Trinity removes such volumes within hours of its start: ' +
    'create their agents again, then restore these from the safety backup.';
  staging.warnings.add({ code: 'younger-volumes', message, component: 'memory' });
  return names;
}

/** What is live and unknown to these rows and to the backup: volumes, and whose they are. */
export async function youngerThan(
  run: RestoreRun,
  install: TrinityInstall,
  rows: readonly AgentRow[],
): Promise<Readonly<{ volumes: readonly string[]; agents: readonly string[] }>> {
  if (install.volumesRoot === undefined && install.engine === undefined) return { volumes: [], agents: [] };
  const plan = await planVolumes(install, rows, allVolumes);
  const inBackup = new Set(run.manifest.sources.map(sourceText));
  const restored = new Set(rows.map(({ name }) => name));
  const younger = plan.volumes.filter(
    (volume) => isOwnerless(volume, restored) && !inBackup.has(`memory/${volume.name}`),
  );
  return {
    volumes: younger.map(({ name }) => name),
    agents: [...new Set(younger.flatMap(({ agents }) => agents))],
  };
}

/** A container of an agent that the database will not know claims its volumes still. */
function isOwnerless({ role, agents }: PlannedVolume, restored: ReadonlySet<string>): boolean {
  if (role === 'platform') return false;
  return (
    role === 'orphan' ||
    (role === 'unlabelled' && agents.length === 0) ||
    (agents.length > 0 && !agents.some((agent) => restored.has(agent)))
  );
}

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
  const volumes = run.selection.sources.filter(
    ({ component, agents }) => component === 'memory' && agents.length > 0,
  );
  if (volumes.length === 0 || run.selection.sources.some(({ component }) => component === 'persistence'))
    return;
  const agents = await liveAgents(run, install);
  if (agents === undefined) return;
  const plan = await planVolumes(install, agents, allVolumes);
  const owned = new Set(
    [...plan.volumes.filter((volume) => volume.agents.length > 0), ...plan.missing].map(({ name }) => name),
  );
  const names = volumes.filter(({ volume }) => !owned.has(volume)).map(({ volume }) => volume);
  if (names.length === 0) return;
  const message =
    `No agent in Trinity's database owns ${names.join(', ')} any more, and Trinity removes such volumes within hours of its start. ` +
    'Create the agent again, restore the database too, or restore with --to.';
  staging.warnings.add({ code: 'agent-gone', message, component: 'memory' });
}

/** Undefined where the live database cannot tell. */
export async function liveAgents(
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
  if (database === undefined || (install.volumesRoot === undefined && install.engine === undefined))
    return [];
  const rows = readAgents(database);
  const plan = await planVolumes(install, rows, allVolumes);
  const known = new Set(run.manifest.sources.map(sourceText));
  const restored = new Set(rows.map(({ name }) => name));
  const younger = plan.volumes.filter(
    (volume) => isOwnerless(volume, restored) && !known.has(`memory/${volume.name}`),
  );
  if (younger.length === 0) return [];
  const names = younger.map(({ name }) => name);
  const agents = [...new Set(younger.flatMap(({ agents: served }) => served))];
  const whose = agents.length === 0 ? '' : `, such as of ${agents.join(', ')}`;
  const message =
    `These volumes are younger than the backup, and no agent in its database owns them: ${names.join(', ')}${whose}. ` +
    'They were left as they are and are in the safety backup. Trinity removes such volumes within hours of its start: ' +
    'create their agents again, then restore these from the safety backup.';
  staging.warnings.add({ code: 'younger-volumes', message, component: 'memory' });
  return names;
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

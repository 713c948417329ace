import { compareNames } from '../../../../shared/lib/name-order.ts';
import type { HomeSettings } from '../../../../shared/model/settings.ts';
import type { PlannedVolume, TrinityInstall, VolumePlan } from '../../../trinity/install.ts';
import { planVolumes } from '../../../trinity/plan-volumes.ts';
import { installProblems } from '../../../trinity/read-install.ts';
import { folderSize } from '../../../trinity/volume-store.ts';
import { agentRows } from './agent-rows.ts';
import type { FoundInstall } from './find-install.ts';

export type ReportedVolume = Pick<
  PlannedVolume,
  'name' | 'role' | 'agents' | 'included' | 'reason' | 'access'
> &
  Readonly<{
    /** Null where it is not known, or takes too long to count. */
    bytes: number | null;
    mountedBy: readonly string[];
  }>;

export type ReportedAgent = Readonly<{
  name: string;
  /** State of its container; null without one. */
  state: string | null;
  volumes: readonly string[];
}>;

/** Whether a component of a backup is covered, and if not, or not as usual, why. */
export type ReportedComponent = Readonly<{ component: string; covered: boolean; reason: string }>;

export type InstallReport = Readonly<{
  installId: string;
  folder: string;
  projectName: string;
  form: TrinityInstall['form'];
  version: string | null;
  engine: Readonly<{ host: string; id: string }> | null;
  /** Why this engine, or none. */
  engineReason: string;
  dataFolder: string;
  dataVolume: string | null;
  dataAccess: TrinityInstall['dataAccess'];
  database: TrinityInstall['database'];
  databaseFile: string | null;
  volumesRoot: string | null;
  /** Null where the database cannot be read: agents are then found by their volumes. */
  agents: readonly string[] | null;
  agentStates: readonly ReportedAgent[];
  components: readonly ReportedComponent[];
  volumes: readonly ReportedVolume[];
  missingVolumes: VolumePlan['missing'];
  skippedAgents: VolumePlan['skippedAgents'];
  /** What stands in the way of a whole backup, as sentences. */
  problems: readonly string[];
}>;

type ReportParts = Readonly<{
  settings: HomeSettings;
  read: TrinityInstall;
  found: FoundInstall;
  installId: string;
  home: string;
  signal: AbortSignal;
}>;

/** Sizes are a help: whatever takes longer is shown without one. */
const sizesLimitMs = 15_000;

export async function installReport(parts: ReportParts): Promise<InstallReport> {
  const { settings, read, found, signal } = parts;
  const problems = [...(await installProblems(read))];
  const rows = await agentRows(parts, problems);
  const plan = await planVolumes(read, rows ?? [], settings.backup, signal);
  const live = rows?.filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => name) ?? null;
  return {
    installId: parts.installId,
    folder: read.folder,
    projectName: read.projectName,
    form: read.form,
    version: read.version ?? null,
    engine: read.engine === undefined ? null : { host: read.engine.host, id: read.engine.id },
    engineReason: found.why,
    dataFolder: read.dataFolder,
    dataVolume: read.dataVolume ?? null,
    dataAccess: read.dataAccess,
    database: read.database,
    databaseFile: read.databaseFile ?? null,
    volumesRoot: read.volumesRoot ?? null,
    agents: live,
    agentStates: agentStates(plan, live ?? []),
    components: components(parts, plan),
    volumes: await reportedVolumes(plan, signal),
    missingVolumes: plan.missing,
    skippedAgents: plan.skippedAgents,
    problems,
  };
}

function agentStates({ volumes }: VolumePlan, live: readonly string[]): readonly ReportedAgent[] {
  const uses = volumes.flatMap(({ users }) => users);
  const withContainer = uses.flatMap(({ agent }) => (agent === undefined ? [] : [agent]));
  return [...new Set([...live, ...withContainer])].toSorted(compareNames).map((name) => ({
    name,
    state: uses.find(({ agent }) => agent === name)?.state ?? null,
    volumes: volumes.filter(({ agents }) => agents.includes(name)).map((volume) => volume.name),
  }));
}

function components({ read, settings }: ReportParts, { volumes }: VolumePlan): readonly ReportedComponent[] {
  const { include, paths } = settings.backup;
  const data = read.dataAccess;
  const included = volumes.filter((volume) => volume.included);
  const reached = included.filter(({ access }) => access.mode !== 'none');
  const facts: readonly ReportedComponent[] = [
    {
      component: 'persistence',
      covered: isDatabaseCovered(read),
      reason: databaseText(read),
    },
    { component: 'files', covered: data.mode !== 'none', reason: data.reason },
    { component: 'config', covered: true, reason: `In ${read.folder}.` },
    {
      component: 'memory',
      covered: reached.length > 0 && reached.length === included.length,
      reason: `${String(reached.length)} of ${String(volumes.length)} volumes.`,
    },
    {
      component: 'paths',
      covered: paths.length > 0,
      reason: paths.length > 0 ? paths.join(', ') : 'No folder is named by the setting "paths".',
    },
  ];
  return facts.map((one) =>
    include === undefined || include.includes(one.component)
      ? one
      : { ...one, covered: false, reason: 'Left out by the setting "include".' },
  );
}

function isDatabaseCovered({ database, dataAccess, engine }: TrinityInstall): boolean {
  if (database.kind === 'sqlite') return dataAccess.mode !== 'none';
  return engine !== undefined && database.container !== undefined;
}

function databaseText({ database, dataAccess }: TrinityInstall): string {
  if (database.kind === 'sqlite') return `SQLite, ${database.path} in /data. ${dataAccess.reason}`;
  const { container, host, port } = database;
  return container === undefined
    ? `Postgres at ${host}:${String(port)}, which is not in Docker here: back it up with pg_dump where it runs.`
    : `Postgres, dumped in the container ${container}.`;
}

async function reportedVolumes(
  { volumes }: VolumePlan,
  signal: AbortSignal,
): Promise<readonly ReportedVolume[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(sizesLimitMs)]);
  const reported: ReportedVolume[] = [];
  for (const { name, role, agents, included, reason, access, folder, users } of volumes) {
    const bytes = access.mode === 'host' ? await bytesIn(folder, limit) : null;
    const mountedBy = [...new Set(users.map(({ container }) => container))];
    reported.push({ name, role, agents, included, reason, access, bytes, mountedBy });
  }
  signal.throwIfAborted();
  return reported;
}

async function bytesIn(folder: string, limit: AbortSignal): Promise<number | null> {
  try {
    return (await folderSize(folder, limit)).bytes;
  } catch (error) {
    if (limit.aborted) return null;
    throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';
import type { HomeSettings, InstallSettings } from '../../../shared/model/settings.ts';
import { assertVaultApart } from '../../backup/apart.ts';
import { openScratch } from '../../backup/scratch.ts';
import { agentsOfCopy, databaseCopyOf } from '../../components/database-copy.ts';
import { parseLocation } from '../../storage/location.ts';
import type { AgentRow, PlannedVolume, TrinityInstall, VolumePlan } from '../../trinity/install.ts';
import { planVolumes } from '../../trinity/plan-volumes.ts';
import { installProblems, readInstall } from '../../trinity/read-install.ts';
import { volumesRootProblem } from '../volumes-root.ts';
import type { Engine } from '../engine.ts';
import { operation } from '../operation.ts';

const folder = z.string().startsWith('/').max(4096);

export type InstallReport = Readonly<{
  installId: string;
  folder: string;
  projectName: string;
  version: string | null;
  dataFolder: string;
  databaseFile: string | null;
  volumesRoot: string | null;
  /** Undefined where the database cannot be read: agents are then found by their volumes. */
  agents: readonly string[] | null;
  volumes: readonly Pick<PlannedVolume, 'name' | 'role' | 'agents' | 'included' | 'reason'>[];
  missingVolumes: VolumePlan['missing'];
  skippedAgents: VolumePlan['skippedAgents'];
  /** What stands in the way of a whole backup, as sentences. */
  problems: readonly string[];
}>;

/** Sets the install of this home after checking it; without `folder` it looks in the usual places. */
export const install = operation(
  z.strictObject({
    folder: folder.optional(),
    volumesRoot: folder.optional(),
    /** A backup of the install that this one goes on with. */
    continues: z.string().max(64).optional(),
    lookIn: z.array(folder).max(32),
  }),
  async (engine, input, options): Promise<InstallReport> => {
    const { settings } = await engine.settings.read();
    const found = input.folder ?? (await findInstall(input.lookIn));
    const volumesRoot = input.volumesRoot ?? (await usualVolumesRoot(settings, found));
    const read = await readInstall({ folder: found, volumesRoot });
    await assertApart(settings, read);
    const chosen: InstallSettings = {
      installId:
        input.continues === undefined
          ? await installIdOf(settings, read.folder)
          : await continuedInstall(engine, input.continues),
      folder: read.folder,
      ...(volumesRoot === undefined ? {} : { volumesRoot }),
    };
    const report = await reportOf({ engine, settings, read, installId: chosen.installId }, options.signal);
    await engine.settings.change((before) => setUp({ ...before, install: chosen }));
    return report;
  },
);

/** Backing up is on as soon as a home has both its install and its vault. */
export function setUp(settings: HomeSettings): HomeSettings {
  const isComplete = settings.install !== undefined && settings.backup.path !== undefined;
  return isComplete ? { ...settings, backup: { ...settings.backup, enabled: true } } : settings;
}

async function findInstall(lookIn: readonly string[]): Promise<string> {
  for (const candidate of lookIn) {
    try {
      return (await readInstall({ folder: candidate })).folder;
    } catch (error) {
      if (!(error instanceof AppError) || !['not-found', 'unavailable'].includes(error.kind)) throw error;
    }
  }
  throw new AppError(
    'not-found',
    `No Trinity install was found in ${lookIn.join(', ')}: name its folder with --path.`,
  );
}

/** What was chosen before for the same folder, else the place where Docker keeps volumes on Linux. */
async function usualVolumesRoot(settings: HomeSettings, found: string): Promise<string | undefined> {
  const before = settings.install;
  if (before?.folder === found && before.volumesRoot !== undefined) return before.volumesRoot;
  const usual = '/var/lib/docker/volumes';
  return (await volumesRootProblem(usual)) === undefined ? usual : undefined;
}

/** Another folder is another install: its backups must not count for, or prune, those of the first. */
async function installIdOf(settings: HomeSettings, found: string): Promise<string> {
  const before = settings.install;
  if (before !== undefined && (await realPathOf(before.folder)) === (await realPathOf(found)))
    return before.installId;
  return randomBytes(16).toString('hex');
}

/** Only the operator knows that the machine of that install is gone: two that live must never prune each other's backups. */
async function continuedInstall(engine: Engine, backupId: string): Promise<string> {
  assertBackupId(backupId);
  const { manifest } = await (await engine.vault()).loadManifest(backupId);
  return manifest.installId;
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return path;
    throw error;
  }
}

async function assertApart({ backup }: HomeSettings, read: TrinityInstall): Promise<void> {
  if (backup.path === undefined) return;
  const location = parseLocation(backup.path);
  if (location.kind === 'folder')
    await assertVaultApart({ isLocal: true, location: location.path }, read, backup);
}

type ReportParts = Readonly<{
  engine: Engine;
  settings: HomeSettings;
  read: TrinityInstall;
  installId: string;
}>;

async function reportOf(
  { engine, settings, read, installId }: ReportParts,
  signal: AbortSignal,
): Promise<InstallReport> {
  const problems = [...(await installProblems(read))];
  const agents = await agentsOf({ engine, read, signal }, problems);
  const plan = await planVolumes(read, agents ?? [], settings.backup);
  return {
    installId,
    folder: read.folder,
    projectName: read.projectName,
    version: read.version ?? null,
    dataFolder: read.dataFolder,
    databaseFile: read.databaseFile ?? null,
    volumesRoot: read.volumesRoot ?? null,
    agents: agents?.filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => name) ?? null,
    volumes: plan.volumes.map(({ name, role, agents: served, included, reason }) => ({
      name,
      role,
      agents: served,
      included,
      reason,
    })),
    missingVolumes: plan.missing,
    skippedAgents: plan.skippedAgents,
    problems,
  };
}

/**
 * The rows of the agents, from a private copy of the database that goes at once; undefined, with a problem, without
 * one.
 */
async function agentsOf(
  { engine, read, signal }: Readonly<{ engine: Engine; read: TrinityInstall; signal: AbortSignal }>,
  problems: string[],
): Promise<readonly AgentRow[] | undefined> {
  await using scratch = await openScratch(engine.home.folder);
  try {
    const agents = agentsOfCopy(await databaseCopyOf({ install: read, scratch: scratch.folder, signal }));
    if (agents === undefined)
      problems.push('The database is damaged: agents are found by their volumes only.');
    return agents;
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error;
    if (!problems.includes(error.message)) problems.push(error.message);
    return undefined;
  }
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { countText } from '../../shared/lib/size-text.ts';
import { sourceText } from '../../shared/model/component.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Place, Swap } from '../components/component-handler.ts';
import { agentsOfCopy, databaseCopyOf } from '../components/database-copy.ts';
import { quietDatabase } from '../components/quiet-start.ts';
import { readAgents } from '../trinity/agents.ts';
import type { AgentRow, TrinityInstall } from '../trinity/install.ts';
import { planVolumes } from '../trinity/plan-volumes.ts';
import { assertVaultApart } from './apart.ts';
import { holdersOf } from './file-holders.ts';
import { hostIdOf } from './host-id.ts';
import { finishOrWarn, swapAll } from './restore-end.ts';
import { keepLiveKey, proveCredentials, stageOldKey } from './restore-keys.ts';
import { outcomeOfRestore, stageAll, stagingOf, withJournal } from './restore-run.ts';
import type { RestoreRun, StagedRestore } from './restore-run.ts';
import { checkVersions } from './restore-versions.ts';
import { makeSafetyBackup } from './safety-backup.ts';
import { openScratch } from './scratch.ts';
import type { RestoreOutcome } from './services.ts';
import type { Staging } from './staging.ts';
import { WrittenMeanwhileError } from './staging.ts';
import { planSwaps } from './swap-plan.ts';

const dayMs = 24 * 3_600_000;

/** Puts a backup, or parts of it, over the live install: all of it or, after any failure, nothing. */
export async function restoreInPlace(run: RestoreRun): Promise<RestoreOutcome> {
  try {
    return await restoreOnce(run, true);
  } catch (error) {
    if (!(error instanceof WrittenMeanwhileError)) throw error;
    // With a safety backup of its own, which has what was written.
    return await restoreOnce(run, false);
  }
}

/** `onlyChanges`: what is as in the backup stays. Else it gives way to a copy, and nobody who writes can get into that. */
async function restoreOnce(run: RestoreRun, onlyChanges: boolean): Promise<RestoreOutcome> {
  const { context, options } = run;
  const install = await context.readInstall();
  await assertVaultApart(context.vault.storage, install, context.settings);
  const bringsDatabase = run.selection.sources.some(({ component }) => component === 'persistence');
  const parts = { home: context.home, signal: options.signal };
  const versions = bringsDatabase ? await checkVersions(run.manifest, install, parts) : [];
  return await withJournal(run, async (journal) => {
    const staging = stagingOf(run, journal);
    const staged = await stageAll(run, { journal, staging, install, onlyChanges, isNewInstall: false });
    const keys = await stageOldKey(run, install, staging);
    await keepLiveKey(run, install, environmentSwap({ install, staged }), staging);
    await settleDatabase(run, { install, staging, staged });
    const younger = await youngerVolumes(run, { install, staging, staged });
    await warnOfOwnerless(run, { install, staging });
    await run.hooks.beforeStep?.('staged');
    const more = [...younger.map((name) => `memory/${name}`), ...(keys.length > 0 ? ['config'] : [])];
    const safetyBackupId = run.request.safetyBackup ? await makeSafetyBackup(run, staged, more) : null;
    await run.hooks.beforeStep?.('saved');
    const { kept, ...steps } = await planSwaps([...staged.groups, keys], staging.folders);
    if (bringsDatabase) await requireStopped(install);
    await staging.requireUntouched();
    options.signal.throwIfAborted();
    await journal.update({ phase: 'swapping', ...steps });
    await swapAll(journal, run.hooks);
    const leftovers = await finishOrWarn(journal, run.hooks);
    const notes = [
      ...versions,
      ...originNotes(run),
      ...safetyNotes(run, safetyBackupId),
      ...keptNotes(kept + staging.kept),
    ];
    return outcomeOfRestore(run, {
      staging,
      safetyBackupId,
      restartRequired: true,
      warnings: leftovers,
      notes,
    });
  });
}

/** Whoever has the old database open would go on writing to it, and nobody would ever see those rows. */
async function requireStopped({ databaseFile }: TrinityInstall): Promise<void> {
  const [holder] = databaseFile === undefined ? [] : await holdersOf(databaseFile);
  if (holder === undefined) return;
  throw new AppError(
    'refused',
    `The database is open in ${holder.program} (process ${String(holder.pid)}). ` +
      'Stop Trinity with "docker compose stop backend scheduler", then restore again.',
  );
}

type Staged = Readonly<{ install: TrinityInstall; staging: Staging; staged: StagedRestore }>;

/** The staged database file that goes live as the main file. */
function stagedDatabase({ install, staged }: Staged): string | undefined {
  const { databaseFile } = install;
  const swaps = staged.groups[staged.groupOf.get('persistence') ?? -1] ?? [];
  const swap = swaps.find(({ live }) => databaseFile !== undefined && textOf(live) === databaseFile);
  return swap?.staged === undefined ? undefined : textOf(swap.staged);
}

function textOf(place: Place): string {
  return path.join(place.root, place.path.toString());
}

/** Proves its keys and turns its schedules off where that is due. */
export async function settleDatabase(run: RestoreRun, parts: Staged): Promise<void> {
  const database = stagedDatabase(parts);
  if (database === undefined) return;
  proveCredentials(database, await nextEnvironment(parts), parts.staging);
  if (!isQuiet(run)) return;
  const { schedules, cancelledRuns } = quietDatabase(database);
  if (schedules.length === 0 && cancelledRuns === 0) return;
  const which = schedules.length === 0 ? 'none was on' : schedules.join(', ');
  const message = `Schedules are off, so that nothing runs before you say so (${which}); ${String(cancelledRuns)} waiting runs were cancelled.`;
  parts.staging.notes.add({ code: 'started-quietly', message, component: 'persistence' });
}

function environmentSwap({ install, staged }: Pick<Staged, 'install' | 'staged'>): Swap | undefined {
  return staged.groups.flat().find(({ live }) => textOf(live) === install.envFile);
}

/** The `.env` that will be live: a staged one, else the one that is. */
async function nextEnvironment({ install, staged }: Staged): Promise<Buffer | undefined> {
  const swap = environmentSwap({ install, staged });
  try {
    return await readFile(swap?.staged === undefined ? install.envFile : textOf(swap.staged));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Said by the operator, else for data of another host or of over a day ago. */
function isQuiet({ request, manifest, context }: RestoreRun): boolean {
  if (request.startQuietly !== undefined) return request.startQuietly;
  const isForeign = manifest.hostId !== hostIdOf(context.vault.id);
  return isForeign || context.now() - Date.parse(manifest.timestamp) > dayMs;
}

/** A volume comes back without its agent: Trinity takes it for an orphan and removes it within hours. */
async function warnOfOwnerless(run: RestoreRun, { install, staging }: Omit<Staged, 'staged'>): Promise<void> {
  const volumes = run.selection.sources.filter(
    ({ component, agents }) => component === 'memory' && agents.length > 0,
  );
  if (volumes.length === 0 || run.selection.sources.some(({ component }) => component === 'persistence'))
    return;
  const agents = await liveAgents(run, install);
  if (agents === undefined) return;
  const plan = await planVolumes(install, agents, { agents: {}, volumes: {} });
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
async function liveAgents(
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
async function youngerVolumes(run: RestoreRun, parts: Staged): Promise<readonly string[]> {
  const database = stagedDatabase(parts);
  if (database === undefined || parts.install.volumesRoot === undefined) return [];
  const plan = await planVolumes(parts.install, readAgents(database), { agents: {}, volumes: {} });
  const known = new Set(run.manifest.sources.map(sourceText));
  const younger = plan.volumes.filter(
    ({ name, role }) => (role === 'orphan' || role === 'unlabelled') && !known.has(`memory/${name}`),
  );
  if (younger.length === 0) return [];
  const names = younger.map(({ name }) => name);
  const message =
    `These volumes are younger than the backup, and no agent in its database owns them: ${names.join(', ')}. ` +
    'They were left as they are. Trinity removes such volumes within hours of its start, so keep the safety backup.';
  parts.staging.warnings.add({ code: 'younger-volumes', message, component: 'memory' });
  return names;
}

function safetyNotes({ request }: RestoreRun, safetyBackupId: string | null): readonly Finding[] {
  if (safetyBackupId !== null || !request.safetyBackup) return [];
  return [
    {
      code: 'nothing-live',
      message: 'Nothing of what was restored was there before, so no safety backup was made.',
    },
  ];
}

function originNotes({ manifest, context }: RestoreRun): readonly Finding[] {
  if (manifest.installId === context.installSettings.installId) return [];
  return [{ code: 'other-install', message: 'The backup is of another install than this one.' }];
}

function keptNotes(kept: number): readonly Finding[] {
  if (kept === 0) return [];
  const message =
    kept === 1
      ? 'One file or folder that the backup had left out stays as it was.'
      : `${countText(kept)} files and folders that the backup had left out stay as they were.`;
  return [{ code: 'carried-over', message }];
}

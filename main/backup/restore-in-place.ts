import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { countText } from '../../shared/lib/size-text.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Place, Swap } from '../components/component-handler.ts';
import { quietDatabase } from '../components/quiet-start.ts';
import { parseEnv } from '../trinity/env-file.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import { assertVaultApart } from './apart.ts';
import { quietPostgres } from './databases/quiet-database.ts';
import { holdersOf } from './file-holders.ts';
import { hostIdOf } from './host-id.ts';
import type { OpenJournal } from './journal.ts';
import { LivePlatform } from './live/live-platform.ts';
import { reviveAgents } from './live/revive-agents.ts';
import { startMissingAgents } from './live/start-agents.ts';
import { swappedBy } from './live/swapped.ts';
import { warnOfOwnerless, youngerVolumes } from './live/volume-owners.ts';
import { finishOrWarn, swapAll } from './restore-end.ts';
import { keepLiveKey, proveCredentials, stageOldKey } from './restore-keys.ts';
import { outcomeOfRestore, stageAll, stagingOf, withJournal } from './restore-run.ts';
import type { RestoreRun, StagedRestore } from './restore-run.ts';
import { checkVersions } from './restore-versions.ts';
import { makeSafetyBackup } from './safety-backup.ts';
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
  const before = await context.readInstall();
  const revived = await reviveAgents(run, before);
  // Read anew: its database has other rows now.
  const install = revived.length === 0 ? before : await context.readInstall();
  await assertVaultApart(context.vault.storage, install, context.settings);
  const bringsDatabase = run.selection.sources.some(({ component }) => component === 'persistence');
  const parts = { home: context.home, signal: options.signal };
  const versions = bringsDatabase ? await checkVersions(run.manifest, install, parts) : [];
  await using platform = new LivePlatform({
    install,
    home: context.home,
    now: context.now,
    signal: options.signal,
  });
  try {
    return await withJournal(
      run,
      async (journal) =>
        await restoreLive(run, { install, platform, journal, onlyChanges, notes: [...versions, ...revived] }),
    );
  } catch (error) {
    throw await platform.putBack(error);
  }
}

type Live = Readonly<{
  install: TrinityInstall;
  platform: LivePlatform;
  journal: OpenJournal;
  notes: readonly Finding[];
  onlyChanges: boolean;
}>;

async function restoreLive(run: RestoreRun, live: Live): Promise<RestoreOutcome> {
  const { install, platform, journal, onlyChanges } = live;
  const staging = stagingOf(run, journal);
  const staged = await stageAll(run, { journal, staging, install, onlyChanges, isNewInstall: false });
  const keys = await stageOldKey(run, install, staging);
  await keepLiveKey(run, install, environmentSwap({ install, staged }), staging);
  await settleDatabase(run, { install, staging, staged });
  const younger = await youngerVolumes(run, {
    install,
    staging,
    database: stagedDatabase({ install, staged }),
  });
  await warnOfOwnerless(run, { install, staging });
  await run.hooks.beforeStep?.('staged');
  // Before the safety backup: what was written between that and the stop would be in no backup.
  await platform.stop(swappedBy(run.selection.sources, { install, staged, keys, younger }));
  await run.hooks.beforeStep?.('stopped');
  const safetyBackupId = await saveLive(run, staged, { younger, replacesKeys: keys.length > 0 });
  await run.hooks.beforeStep?.('saved');
  const { kept, ...steps } = await planSwaps([...staged.groups, keys], staging.folders);
  await requireClosed(install, run);
  await staging.requireUntouched();
  run.options.signal.throwIfAborted();
  const isEnvChanged = await changesEnvironment({ install, staged, keys });
  await journal.update({ phase: 'swapping', ...steps });
  await swapAll(journal, run.hooks, async () => await platform.requireDown());
  await run.hooks.beforeStep?.('committed');
  const up = await platform.bringUp();
  const agents = up.api === undefined ? [] : await startMissingAgents(run, install, up.api);
  await run.hooks.beforeStep?.('up');
  const leftovers = await finishOrWarn(journal, run.hooks);
  return outcomeOfRestore(run, {
    staging,
    safetyBackupId,
    restartRequired: up.restartRequired || isEnvChanged,
    warnings: [...up.warnings, ...agents, ...leftovers],
    notes: [
      ...live.notes,
      ...originNotes(run),
      ...safetyNotes(run, safetyBackupId),
      ...keptNotes(kept + staging.kept),
      ...up.notes,
      ...(isEnvChanged && install.engine !== undefined ? [environmentNote(install)] : []),
    ],
  });
}

/** Whoever has the old database open would go on writing to it, and nobody would ever see those rows. */
async function requireClosed({ databaseFile }: TrinityInstall, { selection }: RestoreRun): Promise<void> {
  if (selection.sources.every(({ component }) => component !== 'persistence')) return;
  const [holder] = databaseFile === undefined ? [] : await holdersOf(databaseFile);
  if (holder === undefined) return;
  throw new AppError(
    'refused',
    `The database is open in ${holder.program} (process ${String(holder.pid)}). ` +
      'Stop Trinity with "docker compose stop backend scheduler", then restore again.',
  );
}

/** Before the database goes back, what is younger than it is in a committed backup, also where no other is wanted. */
async function saveLive(
  run: RestoreRun,
  staged: StagedRestore,
  { younger, replacesKeys }: Readonly<{ younger: readonly string[]; replacesKeys: boolean }>,
): Promise<string | null> {
  const volumes = younger.map((name) => `memory/${name}`);
  if (run.request.safetyBackup)
    return await makeSafetyBackup(run, staged, [...volumes, ...(replacesKeys ? ['config'] : [])]);
  return volumes.length === 0 ? null : await makeSafetyBackup(run, undefined, volumes);
}

type Staged = Readonly<{ install: TrinityInstall; staging: Staging; staged: StagedRestore }>;

/** The staged database file that goes live as the main file, or rows out of the staged Postgres database. */
function stagedDatabase({ install, staged }: Pick<Staged, 'install' | 'staged'>): string | undefined {
  const { databaseFile } = install;
  const [postgres] = staged.databases;
  if (postgres !== undefined) return postgres.rows;
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
  const [postgres] = parts.staged.databases;
  const { schedules, cancelledRuns } =
    postgres === undefined ? quietDatabase(database) : await quietPostgres(postgres, parts.staging.signal);
  if (schedules.length === 0 && cancelledRuns === 0) return;
  const which = schedules.length === 0 ? 'none was on' : schedules.join(', ');
  const message = `Schedules are off, so that nothing runs before you say so (${which}); ${String(cancelledRuns)} waiting runs were cancelled.`;
  parts.staging.notes.add({ code: 'started-quietly', message, component: 'persistence' });
}

/** A container has the values that it was made with: Trinity has to be started anew by its script. */
async function changesEnvironment({
  install,
  staged,
  keys,
}: Readonly<{ install: TrinityInstall; staged: StagedRestore; keys: readonly Swap[] }>): Promise<boolean> {
  const swap = [...keys, ...staged.groups.flat()].find(({ live }) => textOf(live) === install.envFile);
  if (swap?.staged === undefined) return false;
  const next = parseEnv(await readFile(textOf(swap.staged)));
  const names = new Set([...next.keys(), ...install.env.keys()]);
  return [...names].some((name) => next.get(name) !== install.env.get(name));
}

function environmentNote({ folder }: TrinityInstall): Finding {
  const message = `.env has changed, and running containers keep the values that they were made with: run ./scripts/deploy/start.sh in ${folder}.`;
  return { code: 'env-restart', message, component: 'config' };
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

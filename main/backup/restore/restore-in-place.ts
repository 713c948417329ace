import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { countText } from '../../../shared/lib/size-text.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { checkoutOf } from '../../components/config-links.ts';
import type { TrinityInstall } from '../../trinity/install.ts';
import { assertVaultApart } from '../apart.ts';
import { prepareByHelper } from '../by-helper/swap-by-helper.ts';
import { holdersOf } from '../browse/file-holders.ts';
import type { OpenJournal } from './swap/journal.ts';
import { clearRedis } from '../live/clear-redis.ts';
import { clearLeftovers } from '../leftovers/clear-leftovers.ts';
import { LivePlatform } from '../live/live-platform.ts';
import { reviveAgents } from '../live/revive-agents.ts';
import { startMissingAgents } from '../live/start-agents.ts';
import { swappedBy } from '../live/swapped.ts';
import { warnOfOwnerless, youngerVolumes } from '../live/volume-owners.ts';
import { clearOrWarn, finishOrWarn, swapAll } from './restore-end.ts';
import { commonRequest, type HelperParts } from './restore-context.ts';
import { keepLiveKey, stageOldKey, type StagedKey } from './restore-keys.ts';
import {
  helperStageOf,
  outcomeOfRestore,
  sendStagedFiles,
  stageAll,
  stagingOf,
  withJournal,
} from './restore-run.ts';
import type { RestoreRun, StagedRestore } from './restore-run.ts';
import {
  changesEnvironment,
  environmentNote,
  settleDatabase,
  stagedDatabase,
  stagedEnvironment,
} from './restore-settle.ts';
import { checkVersions } from './restore-versions.ts';
import { makeSafetyBackup } from './staging/safety-backup.ts';
import type { RestoreOutcome } from '../services.ts';
import { WrittenMeanwhileError, type Staging } from './staging/staging.ts';
import { planSwaps } from './swap/swap-plan.ts';

/** Puts a backup, or parts of it, over the live install: all of it or, after any failure, nothing. */
export async function restoreInPlace(run: RestoreRun): Promise<RestoreOutcome> {
  try {
    return await restoreOnce(run, true);
  } catch (error) {
    // Over what the first attempt has left, a recovery would put parts of the second back.
    if (!isWrittenMeanwhile(error) || run.live.hasJournal) throw error;
    // All is as it was before the first attempt.
    run.live.isTouched = false;
    // With a safety backup of its own, which has what was written.
    return await restoreOnce(run, false);
  }
}

/** Before the swap, or in it: then all was put back. */
function isWrittenMeanwhile(error: unknown): boolean {
  return (
    error instanceof WrittenMeanwhileError ||
    (error instanceof AppError &&
      error.details['putBack'] === true &&
      error.cause instanceof WrittenMeanwhileError)
  );
}

/** `onlyChanges`: what is as in the backup stays. Else it gives way to a copy, and nobody who writes can get into that. */
async function restoreOnce(run: RestoreRun, onlyChanges: boolean): Promise<RestoreOutcome> {
  const { context, options } = run;
  const { home, now } = context;
  const { signal } = options;
  const before = await context.readInstall();
  await assertVaultApart(context.vault.storage, before, context.settings);
  const versions = bringsDatabase(run) ? await checkVersions(run.manifest, before, { home, signal }) : [];
  await using platform = new LivePlatform({ install: before, home, now, signal });
  try {
    return await withJournal(run, async (journal) => {
      const revived = await reviveAgents(run, before, journal);
      // Read anew: its database has other rows now.
      const install = revived.length === 0 ? before : await context.readInstall();
      return await restoreLive(run, {
        install,
        platform,
        journal,
        onlyChanges,
        notes: [...versions, ...revived],
      });
    });
  } catch (error) {
    return await failed(home, await platform.putBack(error));
  }
}

/** Agents that were given back to Trinity for it are taken back, when containers are. */
async function failed(home: string, error: unknown): Promise<never> {
  const left = (await clearLeftovers(home)).filter(({ result }) => result === 'failed');
  if (left.length === 0) throw error;
  const message = [messageOf(error), ...left.map((one) => one.message)].join(' ');
  const { kind, details } = error instanceof AppError ? error : { kind: 'failed' as const, details: {} };
  throw new AppError(kind, message, { cause: error, details: { ...details, isNotBack: true } });
}

type Live = Readonly<{
  install: TrinityInstall;
  platform: LivePlatform;
  journal: OpenJournal;
  notes: readonly Finding[];
  onlyChanges: boolean;
}>;

async function restoreLive(run: RestoreRun, live: Live): Promise<RestoreOutcome> {
  const { install, platform, journal } = live;
  const staging = stagingOf(run, journal);
  run.steps.begin('fetch and check the data');
  const { staged, replacesKeys, isEnvChanged, younger } = await stageLive(run, live, staging);
  await run.hooks.beforeStep?.('staged');
  run.steps.begin('stop what writes');
  // Before the safety backup: what was written between that and the stop would be in no backup.
  const stoppedAt = performance.now();
  await platform.stop(swappedBy(run.selection.sources, { install, staged, replacesKeys, younger }));
  await run.hooks.beforeStep?.('stopped');
  run.steps.begin('back up what is live');
  const safetyBackupId = await saveLive(run, staged, { younger, replacesKeys });
  await run.hooks.beforeStep?.('saved');
  run.steps.begin('put the data in place');
  const { kept, ...steps } = await planSwaps(staged.groups, staging.folders);
  await requireClosed(install, run);
  await staging.requireUntouched(steps.moves);
  run.options.signal.throwIfAborted();
  const keptByHelper = await prepareByHelper(journal, staged.byHelper, run.options.signal);
  await run.hooks.beforeStep?.('prepared');
  await journal.update({ phase: 'swapping', ...steps });
  await swapAll(journal, run.hooks, {
    requireDown: async () => await platform.requireDown(),
    requireInPlace: async () => await staging.requireInPlace(),
  });
  await run.hooks.beforeStep?.('committed');
  const uncleared = await clearOrWarn(journal);
  const stale = bringsDatabase(run) ? await clearRedis(install) : [];
  await run.hooks.beforeStep?.('cleared');
  run.steps.begin('start Trinity and check it');
  const { isHolding } = platform;
  const up = await platform.bringUp();
  const stoppedMs = isHolding ? Math.round(performance.now() - stoppedAt) : 0;
  const agents = up.api === undefined ? [] : await startMissingAgents(run, install, up.api);
  await run.hooks.beforeStep?.('up');
  const leftovers = await finishOrWarn(journal, run.hooks);
  return outcomeOfRestore(run, {
    staging,
    safetyBackupId,
    restartRequired: up.restartRequired || isEnvChanged,
    stoppedMs,
    warnings: [...up.warnings, ...agents, ...uncleared, ...stale, ...leftovers],
    notes: [
      ...live.notes,
      ...originNotes(run),
      ...safetyNotes(run, safetyBackupId),
      ...keptNotes(kept + keptByHelper + staging.kept),
      ...up.notes,
      ...(isEnvChanged && install.engine !== undefined ? [environmentNote(install)] : []),
    ],
  });
}

function bringsDatabase({ selection }: RestoreRun): boolean {
  return selection.sources.some(({ component }) => component === 'persistence');
}

type StagedLive = Readonly<{
  staged: StagedRestore;
  /** An old key goes into the live `.env`. */
  replacesKeys: boolean;
  isEnvChanged: boolean;
  younger: readonly string[];
}>;

/** Everything that will go live, checked and settled, while all still runs. */
async function stageLive(run: RestoreRun, live: Live, staging: Staging): Promise<StagedLive> {
  const { install, journal, onlyChanges } = live;
  await using helperStage = helperStageOf(install, journal, run.options.signal);
  const parts = { journal, staging, install, helperStage, onlyChanges, isNewInstall: false };
  const restored = await stageAll(run, parts);
  const oldKey = await stageOldKey(run, install, staging);
  const staged = withOldKey(restored, oldKey, parts);
  await keepLiveKey(run, install, stagedEnvironment({ install, staged }), staging);
  await settleDatabase(run, { install, staging, staged, journal, folder: install.folder });
  const database = stagedDatabase({ install, staged });
  const younger = await youngerVolumes(run, { install, staging, database });
  await warnOfOwnerless(run, { install, staging });
  const replacesKeys = oldKey.swaps.length > 0 || oldKey.closed.length > 0;
  const isEnvChanged = await changesEnvironment({ install, staged });
  return { staged: await sendStagedFiles(journal, staged), replacesKeys, isEnvChanged, younger };
}

/** The `.env` that the old key was added to goes live with all else. */
function withOldKey(
  staged: StagedRestore,
  { swaps, closed }: StagedKey,
  parts: HelperParts & Readonly<{ install: TrinityInstall }>,
): StagedRestore {
  const files = closed.map((one) => ({
    ...commonRequest(parts),
    ...one,
    live: checkoutOf(parts.install),
    hasLive: true,
    keep: undefined,
  }));
  return { ...staged, groups: [...staged.groups, swaps], helperFiles: [...staged.helperFiles, ...files] };
}

/** Whoever has the old database open would go on writing to it, and nobody would ever see those rows. */
async function requireClosed(
  { databaseFile, dataAccess }: TrinityInstall,
  { selection }: RestoreRun,
): Promise<void> {
  // Elsewhere nothing tells but the containers, which are down.
  if (dataAccess.mode !== 'host') return;
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

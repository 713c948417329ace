import { existsSync, statSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { countOf } from '../../../shared/lib/size-text.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { clearByHelper, dropStages, swapByHelper } from '../by-helper/swap-by-helper.ts';
import { PendingInstallStore } from '../new-install/pending-install.ts';
import { keepQuietStart } from '../quiet/quiet-start-file.ts';
import { LeftoverJournal } from '../leftovers/leftover-journal.ts';
import { dropParked, dropStaged, swapDatabases } from '../databases/swap-databases.ts';
import type { OpenJournal } from './swap/journal.ts';
import { removeMadeVolume } from '../live/made-volumes.ts';
import { removeReserved, revealAgent } from './another-name/new-agent.ts';
import { removeTree } from './staging/remove-tree.ts';
import { placeAt } from './staging/safe-place.ts';
import { syncFilesOf } from './staging/sync-files.ts';
import { applyFolders, runSwaps, undoSwaps } from './swap/swap-run.ts';
import type { SwapHooks } from './swap/swap-run.ts';

type SwapChecks = Readonly<{ requireDown?: () => Promise<void>; requireInPlace?: () => Promise<void> }>;

/**
 * Swaps everything that the journal names, or nothing: after any failure all is put back, and the error says so. What is left of
 * the old state lies in our work folders when it resolves (`finishRestore`). `requireDown` rejects when somebody uses what is swapped,
 * `requireInPlace` when something that was to stay was moved. An error with `details.isMixed` says that neither could be done yet.
 */
export async function swapAll(
  journal: OpenJournal,
  hooks: SwapHooks,
  { requireDown, requireInPlace }: SwapChecks = {},
): Promise<void> {
  try {
    await syncStaged(journal);
    await requireDown?.();
    await runSwaps(journal.content, hooks);
    await requireInPlace?.();
    await swapByHelper(journal.content, hooks);
    await swapDatabases(journal.content, hooks);
    await hooks.beforeStep?.('commit');
    await requireDown?.();
    await journal.update({ phase: 'committed' });
  } catch (error) {
    const aside = await undoOrSay(journal, error);
    await abandonForNow(journal);
    const kept = aside.length === 0 ? '' : ` What appeared meanwhile is now ${aside.join(', ')}.`;
    throw new AppError(
      'failed',
      `The restore failed and everything was put back as it was: ${messageOf(error)}${kept}`,
      { cause: error, details: { putBack: true } },
    );
  }
}

/**
 * Marks an error that came before anything live was touched (`details.isUntouched`), so that people may be told. What was unforeseen says
 * nothing for sure, nor does a restore after which something does not run again.
 */
export function untouched(error: unknown): unknown {
  if (!(error instanceof AppError) || error.details['isNotBack'] === true) return error;
  const { kind, message, cause, details } = error;
  return new AppError(kind, message, { cause, details: { ...details, isUntouched: true } });
}

/** What takes the live places is on the disk before it does, owners and modes too. */
async function syncStaged(journal: OpenJournal): Promise<void> {
  const folders = new Map(
    journal.content.workFolders
      .filter((folder) => existsSync(folder))
      .map((folder) => [statSync(folder).dev, folder]),
  );
  for (const folder of folders.values()) await syncFilesOf(folder);
}

async function undoOrSay(journal: OpenJournal, reason: unknown): Promise<readonly string[]> {
  try {
    return await undoSwaps(journal);
  } catch (error) {
    throw new AppError(
      'failed',
      `The restore failed (${messageOf(reason)}), and not everything could be put back yet: ${messageOf(error)} ` +
        'Nothing is lost. Remove the cause, then run recover.',
      { cause: error, details: { isMixed: true } },
    );
  }
}

/** After the commit: what was parked goes, then the journal. Returns the live folders whose owner or mode could not be set. */
export async function finishRestore(journal: OpenJournal, hooks: SwapHooks = {}): Promise<readonly string[]> {
  await noteInHome(journal);
  await dropParked(journal.content, hooks);
  await clearByHelper(journal, 'after');
  await dropStages(journal.content);
  await removeWorkFolders(journal, hooks);
  const refused = applyFolders(journal.content.folders, 'after');
  await revealAgent(journal.content, hooks);
  await hooks.beforeStep?.('remove-journal');
  await journal.remove();
  return refused;
}

/** First of all, and once: whoever finishes the leftovers later must not say again what somebody has turned on meanwhile. */
async function noteInHome(journal: OpenJournal): Promise<void> {
  const { quietStart, databaseFolder } = journal.content;
  if (quietStart === undefined && databaseFolder === undefined) return;
  if (quietStart !== undefined) await keepQuietStart(journal.home, quietStart);
  if (databaseFolder !== undefined) await new PendingInstallStore(journal.home).noteDatabase(databaseFolder);
  await journal.update({ quietStart: undefined, databaseFolder: undefined });
}

/** The same where the restore is done: what cannot be cleared away now goes at the next start. */
export async function finishOrWarn(journal: OpenJournal, hooks: SwapHooks): Promise<readonly Finding[]> {
  try {
    return refusedFolders(await finishRestore(journal, hooks));
  } catch (error) {
    const message = `Everything is restored, but leftovers could not be removed yet: ${messageOf(error)} Run recover.`;
    return [{ code: 'leftovers', message }];
  }
}

function refusedFolders([first, ...more]: readonly string[]): readonly Finding[] {
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` and ${countOf(more.length, 'more folder')}`;
  const message = `The owner or mode of ${first}${others} could not be set: restore as root to keep them.`;
  return [{ code: 'owner-not-kept', message }];
}

/** Before anybody starts: nothing of ours lies in a place that only a helper can write. What stays goes with the leftovers. */
export async function clearOrWarn(journal: OpenJournal): Promise<readonly Finding[]> {
  try {
    await clearByHelper(journal, 'after');
    return [];
  } catch (error) {
    const message = `Everything is restored, but a folder of ours is still in a volume: ${messageOf(error)}`;
    return [{ code: 'leftovers', message }];
  }
}

/** Nothing was swapped, or all was put back: what we made goes, then the journal. */
export async function abandonRestore(journal: OpenJournal): Promise<void> {
  await dropStaged(journal.content);
  await clearByHelper(journal, 'before');
  await dropStages(journal.content);
  await removeWorkFolders(journal, {});
  for (const folder of journal.content.madeFolders.toReversed()) await removeIfEmpty(folder);
  for (const volume of journal.content.madeVolumes) await removeMadeVolume(volume, journal.content);
  await removeReserved(journal.content);
  applyFolders(journal.content.folders, 'before');
  await leaveAgents(journal);
  await journal.remove();
}

/** Trinity may be down as yet, so they go with the leftovers, which are cleared when containers are back. */
async function leaveAgents({ home, content }: OpenJournal): Promise<void> {
  const { restoreId, revivedAgents } = content;
  if (revivedAgents.length === 0) return;
  const left = await LeftoverJournal.begin(home, restoreId, { agents: revivedAgents });
  await left[Symbol.asyncDispose]();
}

/** Like `abandonRestore`, where another error is on its way: what cannot go now goes at the next recovery. False where that is so. */
export async function abandonForNow(journal: OpenJournal): Promise<boolean> {
  try {
    await abandonRestore(journal);
    return true;
  } catch {
    // The journal stays, and with it the knowledge of what has to go; no live data is concerned.
    return false;
  }
}

async function removeWorkFolders(journal: OpenJournal, hooks: SwapHooks): Promise<void> {
  for (const folder of journal.content.workFolders.toReversed()) {
    await hooks.beforeStep?.(`remove ${folder}`);
    await removeTree(placeAt(folder));
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // Somebody uses it by now, or it never came about.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

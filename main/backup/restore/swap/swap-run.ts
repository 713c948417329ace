import { existsSync } from 'node:fs';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Place } from '../../../components/component-handler.ts';
import { undoByHelper } from '../../by-helper/swap-by-helper.ts';
import { undoDatabases } from '../../databases/swap-databases.ts';
import { writeMeta } from '../staging/folder-meta.ts';
import type { OpenJournal } from './journal.ts';
import type { Journal, JournalMove } from './journal-model.ts';
import { fromJournalMeta, fromJournalPlace } from './journal-model.ts';
import {
  identityOf,
  joinPath,
  placeText,
  renamePlace,
  splitPath,
  statPlace,
  syncParents,
} from '../staging/safe-place.ts';

/** Bytes, on every file system that we know. */
const longestName = 255;

/** What a journal, or a plan that needs none, says of the renames. */
export type SwapSteps = Pick<Journal, 'moves' | 'absents' | 'folders'>;

/** For tests that let a restore fail or die at a given step. */
export type SwapHooks = Readonly<{ beforeStep?: (step: string) => void | Promise<void> }>;

/** Does every rename of the journal, in order, and makes them durable. Throws at the first that fails: then undo. */
export async function runSwaps(journal: SwapSteps, hooks: SwapHooks): Promise<void> {
  for (const { live } of journal.absents) {
    const place = fromJournalPlace(live);
    if (statPlace(place) === undefined) continue;
    throw new AppError(
      'failed',
      `${placeText(place)} has just appeared. Stop Trinity's backend and scheduler, then try again.`,
    );
  }
  for (const [index, move] of journal.moves.entries()) {
    await hooks.beforeStep?.(`move-${String(index)}`);
    renamePlace(fromJournalPlace(move.from), fromJournalPlace(move.to));
  }
  await hooks.beforeStep?.('folders');
  applyFolders(journal.folders, 'after');
  await hooks.beforeStep?.('sync');
  await syncMoves(journal);
}

/** Takes back whatever the disk shows to be done, in any state, as often as it is called. Returns what it had to set aside. */
export async function undoSwaps(journal: OpenJournal, hooks: SwapHooks = {}): Promise<readonly string[]> {
  const aside = await undoAll(journal, hooks);
  await tryNote(journal, 'undone');
  return aside;
}

async function undoAll(journal: OpenJournal, hooks: SwapHooks): Promise<readonly string[]> {
  const { phase, moves, absents, folders } = journal.content;
  const begun = new Set(moves.filter((move) => isDone(move)).map(({ group }) => group));
  const { databases, helperSwaps } = journal.content;
  const isElsewhere = databases.length > 0 || helperSwaps.length > 0;
  if (begun.size === 0 && !isElsewhere && phase === 'swapping') return [];
  if (phase === 'swapping') await tryNote(journal, 'undoing');
  // First: a server or an engine may not answer, and then nothing is half undone.
  const aside = [...(await undoDatabases(journal.content)), ...(await undoByHelper(journal.content))];
  // First: once its database is back, what appeared beside it could no longer be told from what belongs to it.
  for (const { group, live } of absents) {
    if (begun.has(group)) setAside(fromJournalPlace(live), journal.content.restoreId, aside);
  }
  for (const [index, move] of [...moves.entries()].toReversed()) {
    await hooks.beforeStep?.(`undo-${String(index)}`);
    undoMove(move, journal.content.restoreId, aside);
  }
  applyFolders(folders, 'before');
  await syncMoves(journal.content);
  return aside;
}

/** Without that note an undo can be done and done again, too; but never against a commit record that may be on the disk. */
async function tryNote(journal: OpenJournal, phase: 'undoing' | 'undone'): Promise<void> {
  try {
    await journal.update({ phase });
  } catch (error) {
    if (journal.mayBeCommitted && journal.content.phase === 'swapping') throw error;
  }
}

function isDone(move: JournalMove): boolean {
  if (move.kind !== 'place') return statPlace(fromJournalPlace(move.to)) !== undefined;
  if (statPlace(fromJournalPlace(move.from)) !== undefined) return false;
  // Something else may stand there that somebody made after we had died: it is left, or set aside for what comes back.
  const live = statPlace(fromJournalPlace(move.to));
  return live !== undefined && identityOf(live) === move.identity;
}

function undoMove(move: JournalMove, restoreId: string, aside: string[]): void {
  if (!isDone(move)) return;
  const [from, to] = [fromJournalPlace(move.from), fromJournalPlace(move.to)];
  if (move.kind === 'park') setAside(from, restoreId, aside);
  renamePlace(to, from);
}

/** Moves something that is not ours out of the way, beside where it was. */
function setAside(place: Place, restoreId: string, aside: string[]): void {
  if (statPlace(place) === undefined) return;
  const parts = splitPath(place.path);
  for (let attempt = 0; ; attempt += 1) {
    const mark = Buffer.from(`.found-${restoreId}-${String(attempt)}`);
    // A name that is as long as can be is cut: one that cannot be given would leave the undo undone for good.
    const kept = parts.at(-1)?.subarray(0, longestName - mark.length) ?? Buffer.alloc(0);
    const name = Buffer.concat([kept, mark]);
    const target = { root: place.root, path: joinPath(...parts.slice(0, -1), name) };
    if (statPlace(target) !== undefined) continue;
    renamePlace(place, target);
    aside.push(placeText(target));
    return;
  }
}

/**
 * Gives live folders the owner, mode and times that they have to have before or after the swap. Returns those, as people see them, of
 * which this user may not change the owner or the mode.
 */
export function applyFolders(folders: Journal['folders'], when: 'before' | 'after'): readonly string[] {
  const refused: string[] = [];
  for (const folder of folders) {
    const meta = folder[when];
    // A folder that was made for the restore may be gone again.
    if (meta === undefined || !existsSync(folder.live.root)) continue;
    const live = fromJournalPlace(folder.live);
    if (!writeMeta(live, fromJournalMeta(meta))) refused.push(placeText(live));
  }
  return refused;
}

async function syncMoves({ moves }: SwapSteps): Promise<void> {
  await syncParents(moves.flatMap(({ from, to }) => [fromJournalPlace(from), fromJournalPlace(to)]));
}

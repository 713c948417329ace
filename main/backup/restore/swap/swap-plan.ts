import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Place, Swap } from '../../../components/component-handler.ts';
import { isWorkFolderName } from '../../../components/work-folder.ts';
import { pathText } from '../../../platform/path-text.ts';
import { readMeta, writeMeta } from '../staging/folder-meta.ts';
import type { Journal, JournalFolder, JournalPlace } from './journal-model.ts';
import { toJournalMeta, toJournalPlace } from './journal-model.ts';
import { mountsBelow } from '../staging/mounts.ts';
import { findKept } from '../restore-keep.ts';
import { refuseOverlaps } from './swap-overlap.ts';
import type { FolderMeta } from '../staging/safe-place.ts';
import {
  below,
  identityOf,
  joinPath,
  placeText,
  splitPath,
  statPlace,
  withFolder,
} from '../staging/safe-place.ts';

export type SwapPlan = Readonly<{
  moves: Journal['moves'];
  absents: Journal['absents'];
  folders: Journal['folders'];
  /** Live paths that stay in the restored tree. */
  kept: number;
}>;

type Item = Readonly<{
  group: number;
  work: string;
  live: Place;
  staged: Place | undefined;
  /** Relative to `live`; they move into what is staged. */
  kept: readonly Buffer[];
}>;

/**
 * Every rename of a restore, in order, from what the disk holds now. Touches only our own folders. `known` are folders as they were
 * before we made ours in them.
 */
export async function planSwaps(
  groups: readonly (readonly Swap[])[],
  known: readonly JournalFolder[] = [],
): Promise<SwapPlan> {
  const planner = new SwapPlanner(known);
  for (const [group, swaps] of groups.entries()) {
    for (const swap of swaps) await planner.add(group, swap);
  }
  refuseOverlaps(planner.plan.moves);
  return planner.plan;
}

class SwapPlanner {
  readonly #moves: Journal['moves'] = [];
  readonly #absents: Journal['absents'] = [];
  readonly #folders = new Map<string, Journal['folders'][number]>();
  #kept = 0;
  #items = 0;

  constructor(known: readonly JournalFolder[]) {
    for (const folder of known) this.#folders.set(keyOf(folder.live), folder);
  }

  get plan(): SwapPlan {
    return {
      moves: this.#moves,
      absents: this.#absents,
      folders: [...this.#folders.values()],
      kept: this.#kept,
    };
  }

  async add(group: number, swap: Swap): Promise<void> {
    refuseForeignMounts(swap);
    if (swap.kind === 'contents') await this.#addContents(group, swap);
    else await this.#addWhole(group, swap);
  }

  async #addWhole(group: number, swap: Swap): Promise<void> {
    const { live, work, keep } = swap;
    const staged = swap.staged ?? { root: work, path: joinPath('kept', String(this.#items)) };
    const isFolder = statPlace(live)?.isDirectory() === true;
    const kept = keep === undefined || !isFolder ? [] : await findKept(live, staged, keep);
    const needed = swap.staged === undefined && kept.length === 0 ? undefined : staged;
    this.#addItem({ group, work, live, staged: needed, kept });
  }

  async #addContents(group: number, swap: Swap): Promise<void> {
    const { live, staged, work, keep } = swap;
    if (staged === undefined) throw new Error('The contents of a folder give way to those of another one.');
    const kept = keep === undefined ? [] : await findKept(live, staged, keep);
    this.#noteFolder(live, readMeta(live), undefined);
    this.#noteAfter(live, readMeta(staged));
    const names = new Map(
      [...namesIn(live), ...namesIn(staged)].map((name) => [name.toString('latin1'), name]),
    );
    const keptBelow = Map.groupBy(kept, (bytes) => splitPath(bytes)[0]?.toString('latin1') ?? '');
    for (const [key, name] of names) {
      const inside = keptBelow.get(key) ?? [];
      if (inside.some((bytes) => bytes.length === name.length)) {
        this.#kept += 1;
        continue;
      }
      const relative = inside.map((bytes) => bytes.subarray(name.length + 1));
      const target = below(staged, name);
      const isStaged = relative.length > 0 || statPlace(target) !== undefined;
      this.#addItem({
        group,
        work,
        live: below(live, name),
        staged: isStaged ? target : undefined,
        kept: relative,
      });
    }
  }

  #addItem(item: Item): void {
    const { group, live, staged, kept, work } = item;
    const liveStat = statPlace(live);
    if (liveStat === undefined && staged === undefined) {
      this.#absents.push({ group, live: toJournalPlace(live) });
      return;
    }
    this.#noteParent(live);
    const parked: Place = { root: work, path: joinPath('parked', String(this.#items)) };
    this.#items += 1;
    if (liveStat !== undefined) this.#move('park', group, live, parked);
    if (staged === undefined) return;
    for (const bytes of kept) this.#carry(item, staged, parked, bytes);
    this.#move('place', group, staged, live);
  }

  #carry(item: Item, staged: Place, parked: Place, kept: Buffer): void {
    const parts = splitPath(kept);
    for (let length = 0; length < parts.length; length += 1) {
      const relative = joinPath(...parts.slice(0, length));
      const before = readMeta(below(item.live, relative));
      this.#noteFolder(below(item.live, relative), before, ensureStaged(below(staged, relative), before));
    }
    // Gone since it was found: there is nothing to lose.
    if (statPlace(below(item.live, kept)) === undefined) return;
    this.#kept += 1;
    this.#moves.push({
      kind: 'carry',
      group: item.group,
      from: toJournalPlace(below(parked, kept)),
      to: toJournalPlace(below(staged, kept)),
    });
  }

  #move(kind: 'park' | 'place', group: number, from: Place, to: Place): void {
    const stat = statPlace(from);
    if (stat === undefined) throw new AppError('failed', `${placeText(from)} has gone meanwhile. Try again.`);
    const identity = kind === 'place' ? { identity: identityOf(stat) } : {};
    this.#moves.push({ kind, group, from: toJournalPlace(from), to: toJournalPlace(to), ...identity });
  }

  #noteParent(live: Place): void {
    const parts = splitPath(live.path);
    const parent = { root: live.root, path: joinPath(...parts.slice(0, -1)) };
    const meta = readMeta(parent);
    this.#noteFolder(parent, meta, meta);
  }

  #noteAfter(live: Place, after: FolderMeta | undefined): void {
    const noted = this.#folders.get(keyOf(toJournalPlace(live)));
    if (noted === undefined || after === undefined) return;
    this.#folders.set(keyOf(noted.live), { ...noted, after: toJournalMeta(after) });
  }

  /** The first note of a folder counts: later ones may have seen what the planning itself changed. */
  #noteFolder(live: Place, before: FolderMeta | undefined, after: FolderMeta | undefined): void {
    const place = toJournalPlace(live);
    const key = keyOf(place);
    if (this.#folders.has(key)) return;
    this.#folders.set(key, {
      live: place,
      ...(before === undefined ? {} : { before: toJournalMeta(before) }),
      ...(after === undefined ? {} : { after: toJournalMeta(after) }),
    });
  }
}

/** The folder's meta as restored; where the backup lacks the folder it is made like the live one. */
function ensureStaged(staged: Place, live: FolderMeta | undefined): FolderMeta | undefined {
  const meta = readMeta(staged);
  if (meta !== undefined || live === undefined) return meta;
  const file = Buffer.concat([Buffer.from(`${staged.root}/`), staged.path]);
  fs.mkdirSync(file, { mode: 0o700, recursive: staged.path.toString().startsWith('kept/') });
  writeMeta(staged, live);
  return live;
}

function namesIn(folder: Place): readonly Buffer[] {
  const names = withFolder(folder, (fd) =>
    fs.readdirSync(`/proc/self/fd/${String(fd)}`, { encoding: 'buffer' }),
  );
  return (names ?? []).filter((name) => !isWorkFolderName(name.toString()));
}

/** A rename neither crosses file systems nor moves what something is mounted on: refused before anything is touched. */
function refuseForeignMounts(swap: Swap): void {
  const { live, work, kind } = swap;
  const stat = statPlace(live);
  if (stat === undefined) return;
  const real = path.join(fs.realpathSync(live.root), pathText(live.path));
  const mounted = mountsBelow(real).find((mount) => kind === 'whole' || mount !== real);
  if (mounted !== undefined) {
    throw new AppError(
      'refused',
      `${mounted} is a mount point inside what is to be restored. Unmount it, or restore into a folder (--to).`,
    );
  }
  if (stat.dev !== fs.statSync(work, { bigint: true }).dev) {
    throw new AppError(
      'refused',
      `${placeText(live)} lies on another disk than the folder that holds it. Restore it into a folder (--to).`,
    );
  }
}

function keyOf(place: JournalPlace): string {
  return path.join(place.root, place.path);
}

import type { StayReason } from './stays.ts';

/** What a restore would do to a path: `added` comes back, `removed` is live only and gives way. */
export type TreeChange = 'changed' | 'added' | 'removed';

export type TallyPath = Readonly<{
  change: TreeChange;
  /** Shown text, relative to the root. */
  path: string;
  /** Of the file in the backup; of a removed one as it is live. */
  bytes: number;
}>;

/** Files are regular ones, links and further names; `bytes` of what the restore writes, of removed ones as they are live. */
export type TallyCount = Readonly<{ files: number; bytes: number }>;

export type TreeTally = Readonly<{
  changed: TallyCount;
  added: TallyCount;
  removed: TallyCount;
  unchanged: TallyCount;
  /** Folders that come back or go. */
  folders: number;
  /** As live, of files that are changed or removed. */
  liveBytes: number;
  /** Outermost live paths that stay although the backup lacks them. */
  kept: Readonly<Record<StayReason, number>>;
  /** The first of each change. */
  paths: readonly TallyPath[];
}>;

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Counts what a restore would change, and keeps the first paths of each kind. */
export class TallyBuilder {
  readonly kept: Record<StayReason, number> = { excluded: 0, unread: 0, special: 0 };
  folders = 0;
  liveBytes = 0;
  readonly #counts: Record<TreeChange | 'unchanged', Mutable<TallyCount>> = {
    changed: { files: 0, bytes: 0 },
    added: { files: 0, bytes: 0 },
    removed: { files: 0, bytes: 0 },
    unchanged: { files: 0, bytes: 0 },
  };
  readonly #paths: TallyPath[] = [];
  readonly #mostPaths: number;

  constructor(mostPaths: number) {
    this.#mostPaths = mostPaths;
  }

  /** `path` is asked for only where it is kept. */
  count(change: TreeChange | 'unchanged', bytes: number, path: () => string): void {
    const count = this.#counts[change];
    count.files += 1;
    count.bytes += bytes;
    if (change !== 'unchanged' && count.files <= this.#mostPaths)
      this.#paths.push({ change, path: path(), bytes });
  }

  tally(): TreeTally {
    const { folders, liveBytes, kept } = this;
    return { ...this.#counts, folders, liveBytes, kept, paths: this.#paths };
  }
}

/** Of a tree of which nothing is live yet. */
export function absentTally(added: TallyCount): TreeTally {
  const none = { files: 0, bytes: 0 };
  const kept = { excluded: 0, unread: 0, special: 0 };
  return {
    changed: none,
    added,
    removed: none,
    unchanged: none,
    folders: 0,
    liveBytes: 0,
    kept,
    paths: [],
  };
}

import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type Change, type ChangeKind, folderOf, grownBy } from '../../../shared/model/comparison.ts';
import type { DiffEntry } from './diff.ts';

/** What differs between two backups; of all that is counted the first entries are kept. */
export type Comparison = Readonly<{
  counts: Readonly<Record<Change, number>>;
  entries: readonly DiffEntry[];
  /** Of each entry the number of its folder. */
  folders: readonly number[];
  isCut: boolean;
}>;

export type ComparisonWish = Readonly<{
  kind: ChangeKind;
  /** A part of the path, in any case; all where it is empty. */
  text: string;
  /** Numbers of folders whose entries are hidden. */
  closed: readonly number[];
  offset: number;
  limit: number;
}>;

export type ComparisonRow = Readonly<
  | {
      kind: 'group';
      /** The same for this folder whatever is wished. */
      number: number;
      component: string;
      volume: string;
      folder: string;
      count: number;
      /** What its differences add up to, in bytes. */
      grown: number;
      isClosed: boolean;
    }
  | { kind: 'file'; entry: DiffEntry }
>;

export type ComparisonPage = Readonly<{ rows: readonly ComparisonRow[]; total: number }>;

/** Entries that are looked at in one turn: some milliseconds. */
const entriesInTurn = 4096;

/** Counts all differences, and keeps the first `most` of them with the folders that they lie in. */
export async function collectComparison(
  differences: AsyncIterable<DiffEntry>,
  most: number,
  signal: AbortSignal,
): Promise<Comparison> {
  const counts = { added: 0, removed: 0, changed: 0, metadata: 0 };
  const entries: DiffEntry[] = [];
  const folders: number[] = [];
  const numbers = new Map<string, number>();
  let isCut = false;
  for await (const entry of differences) {
    signal.throwIfAborted();
    counts[entry.change] += 1;
    isCut ||= entries.length === most;
    if (isCut) continue;
    const key = `${entry.component}\0${entry.volume}\0${folderOf(entry.path)}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    entries.push(entry);
    folders.push(number);
  }
  return { counts, entries, folders, isCut };
}

type Group = Readonly<{ number: number; entries: DiffEntry[] }>;

/** A stretch of what is wished: below a row for their folder the differences in it, folders in the order of their first. */
export async function comparisonPage(
  comparison: Comparison,
  wish: ComparisonWish,
  signal: AbortSignal,
): Promise<ComparisonPage> {
  const groups = await groupsOf(comparison, wish, signal);
  const closed = new Set(wish.closed);
  const end = wish.offset + wish.limit;
  const rows: ComparisonRow[] = [];
  let at = 0;
  for (const group of groups) {
    const isClosed = closed.has(group.number);
    const length = isClosed ? 1 : 1 + group.entries.length;
    if (at < end && at + length > wish.offset) {
      const from = Math.max(wish.offset - at, 0);
      const to = Math.min(end - at, length);
      if (from === 0) rows.push(groupRow(group, isClosed));
      const shown = group.entries.slice(Math.max(from - 1, 0), Math.max(to - 1, 0));
      rows.push(...shown.map((entry) => ({ kind: 'file' as const, entry })));
    }
    at += length;
  }
  return { rows, total: at };
}

async function groupsOf(
  { entries, folders }: Comparison,
  { kind, text }: ComparisonWish,
  signal: AbortSignal,
): Promise<readonly Group[]> {
  const part = text.trim().toLowerCase();
  const groups = new Map<number, Group>();
  for (const [index, entry] of entries.entries()) {
    if (index % entriesInTurn === entriesInTurn - 1) {
      await yieldToOthers();
      signal.throwIfAborted();
    }
    if (kind === 'content' ? entry.change === 'metadata' : entry.change !== kind) continue;
    if (part !== '' && !entry.path.toLowerCase().includes(part)) continue;
    const number = folders[index] ?? 0;
    const group = groups.get(number) ?? { number, entries: [] };
    groups.set(number, group);
    group.entries.push(entry);
  }
  return [...groups.values()];
}

function groupRow({ number, entries }: Group, isClosed: boolean): ComparisonRow {
  const [first] = entries;
  return {
    kind: 'group',
    number,
    component: first?.component ?? '',
    volume: first?.volume ?? '',
    folder: folderOf(first?.path ?? ''),
    count: entries.length,
    grown: entries.reduce((sum, entry) => sum + grownBy(entry), 0),
    isClosed,
  };
}

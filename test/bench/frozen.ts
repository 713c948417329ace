import { appendFileSync, renameSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { captureInTwoPasses } from '../../main/vault/capture/two-pass/capture-in-two-passes.ts';
import type { TreeAccess } from '../../main/vault/capture/records/tree-access.ts';
import type { TwoPassResult } from '../../main/vault/capture/two-pass/two-pass.ts';
import { DiscardingChunks } from '../fakes/discarding-chunks.ts';
import { captureKeys, neverRacyNs } from '../helpers/capture.ts';
import { writeSmallFiles } from './data.ts';
import type { Bench, Row } from './rows.ts';
import { median } from './run.ts';

const rounds = 3;
const largeFiles = 64;
const largeBytes = 16 * 1024 * 1024;
/** One file of so many changes. */
const changedStep = 100;

type FrozenTimes = Readonly<{ frozenMs: number; result: TwoPassResult }>;

/** How long agents stand still, for ten thousand and two hundred thousand files. */
export async function frozenRows(bench: Bench): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const count of [10_000, 200_000]) {
    const root = path.join(bench.work, `frozen-${count}`);
    const place = {
      root,
      work: bench.work,
      tree: async () => await Promise.resolve({ kind: 'folder', root } as const),
    };
    rows.push(await frozenRow(bench, place, { count, what: `frozen, ${count} files` }));
    await rm(root, { recursive: true, force: true });
  }
  return rows;
}

/** A tree on this machine, and how it is read: disposed after each round where it is an access. */
export type FrozenPlace = Readonly<{
  root: string;
  work: string;
  tree: () => Promise<Readonly<{ kind: 'folder'; root: string } | { kind: 'access'; access: TreeAccess }>>;
}>;

/** Measures one number of files, which are written into the place. */
export async function frozenRow(
  bench: Bench,
  place: FrozenPlace,
  { count, what }: Readonly<{ count: number; what: string }>,
): Promise<Row> {
  const { frozenMs, result } = await measureFrozen(place, count);
  const goalMs = 500 + (3000 * count) / 1e6;
  bench.say(`${what}: ${Math.round(frozenMs)} ms`);
  return {
    what,
    goal: `at most ${goalMs} ms, and what changed at local write speed`,
    measured: `${Math.round(frozenMs)} ms`,
    met: frozenMs <= goalMs,
    detail: `1 % of the files changed (${result.frozen?.filesRead ?? 0} read), a folder of 1 GiB renamed; freezing itself takes no time here`,
  };
}

/** How long a tree of `count` files is frozen when one percent of them changed and a folder of 1 GiB was renamed: the middle of three. */
async function measureFrozen(place: FrozenPlace, count: number): Promise<FrozenTimes> {
  const { root } = place;
  await writeSmallFiles(path.join(root, 'files'), count, 512);
  await mkdir(path.join(root, 'renamed-1'));
  for (let file = 0; file < largeFiles; file += 1) {
    await writeFile(path.join(root, 'renamed-1', String(file)), Buffer.alloc(largeBytes, file));
  }
  const files = await readdir(path.join(root, 'files'), { recursive: true, withFileTypes: true });
  const changed = files
    .filter((file) => file.isFile())
    .filter((_, index) => index % changedStep === 0)
    .map((file) => path.join(file.parentPath, file.name));
  const times: FrozenTimes[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    times.push(await freezeOnce(place, { changed, round }));
  }
  const middle = median(times.map(({ frozenMs }) => frozenMs));
  const found = times.find(({ frozenMs }) => frozenMs === middle);
  if (found === undefined) throw new Error('There was no round.');
  return found;
}

async function freezeOnce(
  { root, work, tree }: FrozenPlace,
  { changed, round }: Readonly<{ changed: readonly string[]; round: number }>,
): Promise<FrozenTimes> {
  let startedAt = 0;
  let frozenMs = Number.NaN;
  const opened = await tree();
  await using ends = new AsyncDisposableStack();
  if (opened.kind === 'access') ends.use(opened.access);
  const result = await captureInTwoPasses({
    tree: { ...opened, exclude: [] },
    racyFromNs: neverRacyNs,
    compress: true,
    vault: new DiscardingChunks(),
    keys: captureKeys,
    folder: work,
    mostSpoolBytes: 2 ** 32,
    budgetMs: 120_000,
    signal: new AbortController().signal,
    // A freeze that takes no time: what is measured is what comes after it.
    freeze: async () => {
      for (const file of changed) appendFileSync(file, 'changed');
      renameSync(path.join(root, `renamed-${round}`), path.join(root, `renamed-${round + 1}`));
      startedAt = performance.now();
      await Promise.resolve();
    },
    resume: async () => {
      frozenMs = performance.now() - startedAt;
      return await Promise.resolve({ wasFrozen: true });
    },
  });
  if (!result.isConsistent) throw new Error(result.reason);
  return { frozenMs, result };
}

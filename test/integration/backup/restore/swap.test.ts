import fs from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { OpenJournal, listJournals } from '../../../../main/backup/restore/swap/journal.ts';
import { toJournalMeta } from '../../../../main/backup/restore/swap/journal-model.ts';
import { recoverRestores } from '../../../../main/backup/restore/swap/recover-restores.ts';
import { abandonRestore, finishRestore, swapAll } from '../../../../main/backup/restore/restore-end.ts';
import { readMeta } from '../../../../main/backup/restore/staging/folder-meta.ts';
import { planSwaps } from '../../../../main/backup/restore/swap/swap-plan.ts';
import type { FolderMeta } from '../../../../main/backup/restore/staging/safe-place.ts';
import { runSwaps, undoSwaps } from '../../../../main/backup/restore/swap/swap-run.ts';
import type { SwapHooks } from '../../../../main/backup/restore/swap/swap-run.ts';
import type { Swap } from '../../../../main/components/component-handler.ts';
import { workFolderName } from '../../../../main/components/work-folder.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';
import type { TreeSnapshot } from '../../../helpers/tree-snapshot.ts';

const restoreId = '0123456789ab';

function requireMeta(root: string): FolderMeta {
  const meta = readMeta({ root, path: Buffer.alloc(0) });
  if (meta === undefined) throw new Error(`${root} is not there.`);
  return meta;
}
const empty = Buffer.alloc(0);

type Scene = Readonly<{
  home: string;
  live: string;
  before: TreeSnapshot;
  contents: Readonly<Record<string, string>>;
  journal: OpenJournal;
  swaps: readonly Swap[];
}>;

/** Files by path; a trailing slash makes a folder. */
async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (!name.endsWith('/')) await writeFile(file, text);
  }
}

/** A live volume, a data folder and a database with a sidecar, and what is staged for each. */
async function scene(): Promise<Scene> {
  const base = await tempFolder();
  const [home, live] = [path.join(base, 'home'), path.join(base, 'live')];
  await mkdir(home);
  await write(live, {
    'volume/_data/old.txt': 'old',
    'volume/_data/deep/cache/kept.bin': 'kept',
    'volume/_data/only-live/cache/kept.bin': 'kept too',
    'data/app.db': 'old database',
    'data/app.db-wal': 'old log',
    'data/files/a.txt': 'old a',
    'data/files/logs/today': 'kept log',
    'data/gone.txt': 'not in the backup',
  });
  const before = snapshotTree(live);
  const old = contents(live);
  const journal = await OpenJournal.begin(home, {
    restoreId,
    backupId: 'ba9876543210',
    startedAt: new Date().toISOString(),
  });
  const works = [path.join(live, 'volume'), path.join(live, 'data')].map((folder) =>
    path.join(folder, workFolderName(restoreId, 'test')),
  );
  const folders = [path.join(live, 'volume'), path.join(live, 'data')].map((root) => {
    const meta = toJournalMeta(requireMeta(root));
    return { live: { root, path: '' }, before: meta, after: meta };
  });
  await journal.update({ workFolders: works, folders });
  const [volumeWork = '', dataWork = ''] = works;
  for (const work of works) await mkdir(path.join(work, 'parked'), { recursive: true });
  await write(volumeWork, { 'staged/new.txt': 'new', 'staged/deep/new.txt': 'new' });
  await write(dataWork, {
    'staged/files/a.txt': 'new a',
    'staged/b.txt': 'new b',
    'db/app.db': 'new database',
  });
  return { home, live, journal, before, contents: old, swaps: swapsOf(live, volumeWork, dataWork) };
}

function swapsOf(live: string, volumeWork: string, dataWork: string): readonly Swap[] {
  const keep = (exclude: readonly string[]) => ({ exclude, unread: [], base: empty });
  const database = (name: string, isStaged: boolean): Swap => ({
    kind: 'whole',
    live: { root: path.join(live, 'data'), path: Buffer.from(name) },
    staged: isStaged ? { root: dataWork, path: Buffer.from(`db/${name}`) } : undefined,
    work: dataWork,
    keep: undefined,
  });
  return [
    {
      kind: 'whole',
      live: { root: path.join(live, 'volume'), path: Buffer.from('_data') },
      staged: { root: volumeWork, path: Buffer.from('staged') },
      work: volumeWork,
      keep: keep(['cache/']),
    },
    database('app.db-wal', false),
    database('app.db-journal', false),
    database('app.db', true),
    {
      kind: 'contents',
      live: { root: path.join(live, 'data'), path: empty },
      staged: { root: dataWork, path: Buffer.from('staged') },
      work: dataWork,
      keep: keep(['/app.db*', 'logs/']),
    },
  ];
}

async function plan({ journal, swaps }: Scene): Promise<void> {
  const { moves, absents, folders } = await planSwaps([swaps], journal.content.folders);
  await journal.update({ phase: 'swapping', moves, absents, folders });
}

const contents = (folder: string): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.relative(folder, file)] = fs.readFileSync(file, 'utf8');
  }
  return found;
};

const restored = {
  'volume/_data/new.txt': 'new',
  'volume/_data/deep/new.txt': 'new',
  'volume/_data/deep/cache/kept.bin': 'kept',
  'volume/_data/only-live/cache/kept.bin': 'kept too',
  'data/app.db': 'new database',
  'data/files/a.txt': 'new a',
  'data/files/logs/today': 'kept log',
  'data/b.txt': 'new b',
};

const stepsOf = async (): Promise<readonly string[]> => {
  const seen: string[] = [];
  const made = await scene();
  await plan(made);
  await swapAll(made.journal, { beforeStep: (step) => void seen.push(step) });
  await finishRestore(made.journal);
  return seen;
};

describe('swapAll', () => {
  it('brings everything, keeps what was left out, and leaves nothing of ours', async () => {
    const made = await scene();
    await plan(made);
    await swapAll(made.journal, {});
    await finishRestore(made.journal);
    expect(contents(made.live)).toEqual(restored);
    expect(await listJournals(made.home)).toEqual([]);
    const after = snapshotTree(made.live);
    expect(after['volume']).toBe(made.before['volume']);
    expect(after['volume/_data/only-live']).toBe(made.before['volume/_data/only-live']);
  });

  it('T3: puts everything back, when any step fails', async () => {
    for (const failing of await stepsOf()) {
      const made = await scene();
      await plan(made);
      const beforeStep = (step: string): void => {
        if (step === failing) throw new Error('the disk has gone');
      };
      const error = await rejectionOf(swapAll(made.journal, { beforeStep }));
      expect(error).toMatchObject({
        kind: 'failed',
        message: expect.stringContaining('put back'),
        details: { putBack: true },
      });
      expect({ failing, tree: snapshotTree(made.live) }).toEqual({ failing, tree: made.before });
      expect(await listJournals(made.home)).toEqual([]);
    }
  });

  it('T7: refuses to move a folder into one that is there, and puts everything back', async () => {
    const made = await scene();
    await plan(made);
    const beforeStep = async (step: string): Promise<void> => {
      if (step === 'move-1') await write(made.live, { 'volume/_data/': '' });
    };
    const error = await rejectionOf(swapAll(made.journal, { beforeStep }));
    expect(error).toMatchObject({ kind: 'failed' });
    const found = fs.readdirSync(path.join(made.live, 'volume')).filter((name) => name.includes('.found-'));
    expect(found).toHaveLength(1);
    fs.rmdirSync(path.join(made.live, 'volume', found[0] ?? ''));
    expect(contents(made.live)).toEqual(made.contents);
  });
});

/** Does the swap up to a step, then lets go of it as a killed process does. */
async function cutOff(made: Scene, at: string): Promise<void> {
  const hooks: SwapHooks = {
    beforeStep: async (step) => {
      if (step !== at) return;
      await made.journal[Symbol.asyncDispose]();
      throw new Error('killed');
    },
  };
  await rejectionOf(runSwaps(made.journal.content, hooks));
}

describe('recoverRestores', () => {
  it('undoes a restore that was cut off at any step, and does so again without harm', async () => {
    for (const step of (await stepsOf()).filter((name) => name !== 'commit')) {
      const made = await scene();
      await plan(made);
      await cutOff(made, step);
      expect(await recoverRestores(made.home)).toMatchObject([{ restoreId, result: 'undone' }]);
      expect({ step, tree: snapshotTree(made.live) }).toEqual({ step, tree: made.before });
      expect(await recoverRestores(made.home)).toEqual([]);
    }
  });

  it('lets alone what a living process restores', async () => {
    const made = await scene();
    await plan(made);
    expect(await recoverRestores(made.home)).toEqual([]);
    expect(made.journal.content.phase).toBe('swapping');
    await abandonRestore(made.journal);
  });

  it('finishes a restore that was committed', async () => {
    const made = await scene();
    await plan(made);
    await swapAll(made.journal, {});
    await made.journal[Symbol.asyncDispose]();
    expect(await recoverRestores(made.home)).toMatchObject([{ restoreId, result: 'finished' }]);
    expect(contents(made.live)).toEqual(restored);
  });

  it('T5: returns a database with its sidecar, and sets aside what another program made meanwhile', async () => {
    const made = await scene();
    await plan(made);
    await cutOff(made, 'sync');
    await write(made.live, { 'data/app.db-journal': 'of the new database' });
    const [recovered] = await recoverRestores(made.home);
    expect(recovered?.message).toContain('app.db-journal.found-');
    const { [`data/app.db-journal.found-${restoreId}-0`]: found, ...after } = contents(made.live);
    expect(found).toBe('of the new database');
    expect(after).toEqual(made.contents);
  });

  it('leaves a file alone that got the inode of what it had removed, once all was put back', async () => {
    const made = await scene();
    await plan(made);
    const beforeStep = (step: string): void => {
      if (step === 'sync') throw new Error('the disk has gone');
    };
    await rejectionOf(runSwaps(made.journal.content, { beforeStep }));
    await undoSwaps(made.journal);
    await made.journal[Symbol.asyncDispose]();
    const live = path.join(made.live, 'data/app.db');
    // The same as a removal, after which somebody writes the file anew.
    fs.renameSync(path.join(made.journal.content.workFolders[1] ?? '', 'db/app.db'), live);
    await writeFile(live, 'of today');
    expect(await recoverRestores(made.home)).toMatchObject([{ restoreId, result: 'undone' }]);
    expect(contents(made.live)).toEqual({ ...made.contents, 'data/app.db': 'of today' });
  });

  it('sets aside what has the longest name that there can be', async () => {
    const made = await scene();
    const longest = 'n'.repeat(255);
    await write(made.live, { [`data/${longest}`]: 'of before' });
    await plan(made);
    await cutOff(made, 'sync');
    await write(made.live, { [`data/${longest}`]: 'of meanwhile' });
    expect(await recoverRestores(made.home)).toMatchObject([{ restoreId, result: 'undone' }]);
    const mark = `.found-${restoreId}-0`;
    expect(contents(made.live)).toEqual({
      ...made.contents,
      [`data/${longest}`]: 'of before',
      [`data/${longest.slice(mark.length)}${mark}`]: 'of meanwhile',
    });
  });

  it('says so and keeps the journal, when a disk is away', async () => {
    const made = await scene();
    await plan(made);
    await cutOff(made, 'sync');
    fs.renameSync(made.live, `${made.live}-unmounted`);
    expect(await recoverRestores(made.home)).toMatchObject([{ restoreId, result: 'failed' }]);
    fs.renameSync(`${made.live}-unmounted`, made.live);
    expect(await recoverRestores(made.home)).toMatchObject([{ restoreId, result: 'undone' }]);
  });
});

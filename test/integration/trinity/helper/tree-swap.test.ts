import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { localWriter } from '../../../helpers/local-writer.ts';
import { smallDisk } from '../../../helpers/small-disk.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { snapshotTree, type TreeSnapshot } from '../../../helpers/tree-snapshot.ts';

const { signal } = new AbortController();
const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;
const work = '.trinity-backup-0123456789ab-helper0';
const anything = z.unknown();
const planShape = z.object({
  moves: z.array(z.tuple([z.string(), z.string(), z.string(), z.number().nullable()])),
});

type Question = Readonly<{
  paths: readonly string[] | null;
  exclude: readonly string[] | null;
  unread: readonly string[] | null;
}>;
const everything: Question = { paths: null, exclude: ['/cache/', '*.lock'], unread: ['secret'] };

/** What is live, and what is staged for it in a place of its own. */
async function places(): Promise<Readonly<{ live: string; stage: string }>> {
  const base = await tempFolder();
  const [live, stage] = [path.join(base, 'live'), path.join(base, 'stage/tree')];
  const write = (root: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), content);
    }
  };
  write(live, {
    same: 'new',
    'folder/changed': 'new',
    'folder/added': 'new',
    'folder/inner/a.lock': 'kept',
    'cache/large': 'kept',
    secret: 'kept',
    'only-live/file': 'new',
  });
  write(stage, { same: 'old', 'folder/changed': 'old', 'folder/gone': 'old', 'only-staged/file': 'old' });
  fs.linkSync(`${stage}/same`, `${stage}/only-staged/twin`);
  fs.symlinkSync('folder', `${stage}/link`);
  fs.writeFileSync(`${stage}/holes`, '');
  fs.truncateSync(`${stage}/holes`, 1_000_000);
  fs.chmodSync(stage, 0o2750);
  fs.chmodSync(`${stage}/folder`, 0o711);
  for (const [place, time] of [
    [live, 1_600_000_000],
    [stage, 1_500_000_000],
    [`${stage}/folder`, 1_400_000_000],
  ] as const)
    fs.utimesSync(place, time, time);
  return { live, stage };
}

async function prepare(
  { live, stage }: Awaited<ReturnType<typeof places>>,
  question: Question,
): Promise<unknown> {
  const input = { work, ...question };
  return await localWriter().ask(['prepare', live, stage], { input, answer: anything }, signal);
}

async function act(command: 'swap' | 'undo', live: string): Promise<unknown> {
  return await localWriter().ask([command, live, work], { answer: anything }, signal);
}

async function clear(live: string, when: 'before' | 'after'): Promise<void> {
  await localWriter().ask(['clear', live, work, when], { answer: anything }, signal);
}

function contents(root: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(snapshotTree(root)).flatMap(([name, text]) =>
      text.startsWith('file') ? [[name, fs.readFileSync(path.join(root, name), 'utf8')]] : [],
    ),
  );
}

const withoutWork = (root: string): TreeSnapshot =>
  snapshotTree(root, (name) => name.startsWith(work) || name === '');

describe.skipIf(!hasPython || process.getuid?.() !== 0)('tree-swap.py', () => {
  it('swaps all names, keeps what the backup had left out, and leaves nothing of ours', async () => {
    const { live, stage } = await places();
    const staged = snapshotTree(stage);
    const before = withoutWork(live);
    expect(await prepare({ live, stage }, everything)).toEqual({ kept: 3 });
    expect(withoutWork(live)).toEqual(before);
    expect(fs.readdirSync(stage)).toEqual([]);
    await act('swap', live);
    await clear(live, 'after');
    const { holes, ...files } = contents(live);
    expect(files).toEqual({
      'only-staged/twin': 'old',
      'folder/changed': 'old',
      'folder/gone': 'old',
      'folder/inner/a.lock': 'kept',
      'cache/large': 'kept',
      secret: 'kept',
      'only-staged/file': 'old',
    });
    expect(holes).toHaveLength(1_000_000);
    expect(fs.readFileSync(`${live}/same`, 'utf8')).toBe('old');
    expect(fs.statSync(`${live}/holes`).blocks).toBe(0);
    const found = snapshotTree(live);
    for (const name of ['', 'same', 'folder', 'folder/changed', 'link', 'only-staged', 'only-staged/twin'])
      expect({ name, is: found[name] }).toEqual({ name, is: staged[name] });
    expect(fs.readdirSync(live).filter((name) => name.startsWith('.trinity'))).toEqual([]);
  });

  it('is undone from every moment of the swap, as often as one likes', async () => {
    const first = await places();
    await prepare(first, everything);
    const { moves } = planShape.parse(
      JSON.parse(fs.readFileSync(path.join(first.live, work, 'plan'), 'utf8')),
    );
    expect(moves.length).toBeGreaterThan(8);
    for (const done of [0, 1, 2, Math.floor(moves.length / 2), moves.length - 1, moves.length]) {
      const { live, stage } = await places();
      const before = snapshotTree(live);
      await prepare({ live, stage }, everything);
      const plan = planShape.parse(JSON.parse(fs.readFileSync(path.join(live, work, 'plan'), 'utf8')));
      for (const [, from, to] of plan.moves.slice(0, done))
        fs.renameSync(path.join(live, from), path.join(live, to));
      await act('undo', live);
      if (done === 2) await act('undo', live);
      await clear(live, 'before');
      if (done === 2) await clear(live, 'before');
      expect({ done, live: snapshotTree(live) }).toEqual({ done, live: before });
    }
  });

  it('gives everything back that was being made ready when it was cut off', async () => {
    const { live, stage } = await places();
    const before = snapshotTree(live);
    fs.mkdirSync(path.join(live, work));
    await act('undo', live);
    await clear(live, 'before');
    expect({ ...snapshotTree(live), '': '' }).toEqual({ ...before, '': '' });
    await prepare({ live, stage }, everything);
    fs.rmSync(path.join(live, work, 'plan'));
    await act('undo', live);
    await clear(live, 'before');
    expect({ ...snapshotTree(live), '': '' }).toEqual({ ...before, '': '' });
  });

  it('swaps single paths, with the outermost folder above them that is missing, and touches no other', async () => {
    const { live, stage } = await places();
    const before = contents(live);
    const times = fs.statSync(live, { bigint: true }).mtimeNs;
    await prepare({ live, stage }, { ...everything, paths: ['folder/changed', 'only-staged/file'] });
    await act('swap', live);
    await clear(live, 'after');
    const folder = { 'only-staged/file': 'old', 'only-staged/twin': 'old' };
    expect(contents(live)).toEqual({ ...before, ...folder, 'folder/changed': 'old' });
    expect(fs.statSync(live, { bigint: true }).mtimeNs).toBe(times);
  });

  it('takes a set of files as one, and refuses what has appeared where nothing was', async () => {
    const { live, stage } = await places();
    const set = { paths: ['same', 'same-wal', 'secret'], exclude: null, unread: [] };
    await prepare({ live, stage }, set);
    fs.writeFileSync(`${live}/same-wal`, 'late');
    await expect(act('swap', live)).rejects.toThrow('"same-wal" has just appeared');
    fs.rmSync(`${live}/same-wal`);
    await act('swap', live);
    expect(fs.readFileSync(`${live}/same`, 'utf8')).toBe('old');
    expect(fs.existsSync(`${live}/secret`)).toBe(false);
    fs.writeFileSync(`${live}/same-wal`, 'late');
    fs.writeFileSync(`${live}/secret`, 'late');
    const { aside } = z.object({ aside: z.array(z.string()) }).parse(await act('undo', live));
    expect(aside.toSorted()).toEqual(['same-wal.found-0123456789ab-0', 'secret.found-0123456789ab-0']);
    expect(['same', 'secret'].map((name) => fs.readFileSync(path.join(live, name), 'utf8'))).toEqual([
      'new',
      'kept',
    ]);
  });

  it('gives everything back when the disk is full, and says so', async (context) => {
    const { stage } = await places();
    fs.writeFileSync(`${stage}/large`, Buffer.alloc(3 * 1024 * 1024, 1));
    const { folder: live } = await smallDisk(context, 2);
    fs.writeFileSync(`${live}/same`, 'new');
    const before = snapshotTree(live);
    await expect(prepare({ live, stage }, everything)).rejects.toThrow("Make room on the engine's disk");
    await act('undo', live);
    await clear(live, 'before');
    expect(snapshotTree(live)).toEqual(before);
  });

  it('refuses paths that lead through links, and what would lose what is in no backup', async () => {
    const { live, stage } = await places();
    fs.symlinkSync('/etc', `${live}/only-staged`);
    await expect(
      prepare({ live, stage }, { ...everything, paths: ['only-staged/file'] }),
    ).rejects.toMatchObject({
      kind: 'refused',
    });
    const other = await places();
    fs.writeFileSync(`${other.stage}/cache`, 'a file now');
    await expect(prepare(other, everything)).rejects.toThrow('Move it away');
  });
});

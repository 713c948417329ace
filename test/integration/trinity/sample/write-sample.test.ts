import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { checkDatabase } from '../../../../main/trinity/check-database.ts';
import { readInstall } from '../../../../main/trinity/read-install.ts';
import { evolveSample } from '../../../../main/trinity/sample/evolve-sample.ts';
import { writeSampleInstall } from '../../../../main/trinity/sample/write-sample.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const signal = new AbortController().signal;
const isRoot = process.getuid?.() === 0;

/** Kind, mode and content of every entry by path; the log of a running database has random salts. */
function treeOf(folder: string): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  const visit = (path: Buffer): void => {
    const info = lstatSync(path);
    const kind = info.isSymbolicLink() ? readlinkSync(path) : info.isFile() ? contentOf(path, info.mode) : '';
    tree.set(path.subarray(Buffer.byteLength(folder)).toString('latin1'), `${info.mode.toString(8)} ${kind}`);
    if (!info.isDirectory()) return;
    for (const name of readdirSync(path, { encoding: 'buffer' }))
      visit(Buffer.concat([path, Buffer.from('/'), name]));
  };
  visit(Buffer.from(folder));
  return tree;
}

function contentOf(path: Buffer, mode: number): string {
  if (/app\.db-(?:wal|shm)$/u.test(path.toString())) return 'log';
  if ((mode & 0o400) === 0 && !isRoot) return 'unreadable';
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function differences(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
}

async function expectOddities(odd: string): Promise<void> {
  expect((await readdir(join(odd, 'names'))).length).toBeGreaterThan(15);
  expect(lstatSync(join(odd, 'target.txt')).nlink).toBe(3);
  const sparse = lstatSync(join(odd, 'sparse.img'));
  expect(sparse.blocks * 512).toBeLessThan(sparse.size / 10);
  expect(lstatSync(join(odd, 'queue.fifo')).isFIFO()).toBe(true);
  const times = ['from-1970.txt', 'from-2100.txt'].map((name) => lstatSync(join(odd, name)).mtimeMs);
  expect(times).toEqual([1000, 4_102_444_800_000]);
  expect(lstatSync(join(odd, 'mode-4755')).mode & 0o7777).toBe(0o4755);
  if (!isRoot) return;
  const owners = ['target.txt', 'owned-by-root.conf'].map((name) => lstatSync(join(odd, name)).uid);
  expect(owners).toEqual([1000, 0]);
  expect(lstatSync(join(odd, 'mode-0')).mode & 0o7777).toBe(0);
}

describe('writeSampleInstall', () => {
  it('is the same for the same seed, and another for another', async () => {
    const folders = [await tempFolder(), await tempFolder(), await tempFolder()] as const;
    await writeSampleInstall(folders[0], { size: 'small', seed: 'one' });
    await writeSampleInstall(folders[1], { size: 'small', seed: 'one' });
    await writeSampleInstall(folders[2], { size: 'small', seed: 'two' });
    const [one, same, other] = folders.map(treeOf);
    if (one === undefined || same === undefined || other === undefined) throw new Error('There are three.');
    expect(differences(one, same)).toEqual([]);
    expect(differences(one, other).length).toBeGreaterThan(100);
  });

  it('holds what is easily lost, and sound databases', async () => {
    const { installFolder, volumesRoot } = await writeSampleInstall(await tempFolder(), {
      size: 'small',
      seed: 'odd',
    });
    const workspace = join(volumesRoot, 'agent-echo-workspace/_data');
    await expectOddities(join(workspace, 'odd'));
    const { databaseFile = '', env } = await readInstall({ folder: installFolder, volumesRoot });
    expect((await stat(join(installFolder, '.env'))).mode & 0o777).toBe(0o600);
    expect(env.get('SECRET_KEY')).toMatch(/^[0-9a-f]{64}$/u);
    if (isRoot) expect(lstatSync(databaseFile).uid).toBe(1000);
    expect(await checkDatabase(databaseFile, signal)).toMatchObject({
      ok: true,
      rowCounts: { audit_log: 300 },
    });
    // The newest rows stand in the log only.
    const ofAgent = await checkDatabase(join(workspace, 'data/app.db'), signal);
    expect(ofAgent).toMatchObject({ ok: true, rowCounts: { notes: 450 } });
    const database = new Database(databaseFile);
    expect(() => database.exec("UPDATE audit_log SET source = 'x'")).toThrow('cannot be modified');
    database.close();
  });

  it('keeps the data in a volume, when asked for the development flavour', async () => {
    const sample = await writeSampleInstall(await tempFolder(), {
      size: 'small',
      seed: 'dev',
      flavour: 'volume',
    });
    const install = await readInstall({ folder: sample.installFolder, volumesRoot: sample.volumesRoot });
    expect(install.dataFolder).toBe(join(sample.volumesRoot, 'trinity_trinity-data/_data'));
  });

  it('refuses a folder that holds anything, and what is no folder', async () => {
    const folder = await tempFolder();
    const options = { size: 'small', seed: 'x' } as const;
    await writeFile(join(folder, 'mine'), 'kept');
    await expect(writeSampleInstall(folder, options)).rejects.toMatchObject({ kind: 'refused' });
    await expect(writeSampleInstall(join(folder, 'mine'), options)).rejects.toMatchObject({
      kind: 'refused',
    });
    await mkdir(join(folder, 'empty'));
    await expect(writeSampleInstall(join(folder, 'empty'), options)).resolves.toBeDefined();
    expect((await readdir(folder)).toSorted()).toEqual(['empty', 'mine']);
  });
});

describe('evolveSample', () => {
  it('changes a little each day and leaves the rest untouched', async () => {
    const folder = await tempFolder();
    const sample = await writeSampleInstall(folder, { size: 'small', seed: 'days' });
    const before = treeOf(folder);
    for (let day = 1; day <= 7; day += 1) evolveSample(sample, { day, size: 'small', seed: 'days' });
    const changed = differences(before, treeOf(folder));
    expect(changed.length).toBeGreaterThan(20);
    expect(changed.filter((path) => path.includes('/odd/') || path.includes('agent-reader'))).toEqual([]);
    const { databaseFile = '' } = await readInstall({
      folder: sample.installFolder,
      volumesRoot: sample.volumesRoot,
    });
    expect(await checkDatabase(databaseFile, signal)).toMatchObject({
      ok: true,
      rowCounts: { schedule_executions: 500 + 7 * 10 - 7 * 4 },
    });
  });
});

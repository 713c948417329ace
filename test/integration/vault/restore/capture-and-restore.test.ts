import Database from 'better-sqlite3';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportArchive } from '../../../../main/backup/export/export.ts';
import { captureTree } from '../../../../main/vault/capture/capture-tree.ts';
import { compareTree } from '../../../../main/vault/restore/compare-tree.ts';
import { restoreTree } from '../../../../main/vault/restore/restore-tree.ts';
import type { OpenedVault } from '../../../../main/vault/open-vault.ts';
import type { ListingRoot } from '../../../../shared/model/manifest.ts';
import { neverRacyNs } from '../../../helpers/capture.ts';
import { backUpFolder } from '../../../helpers/captured-vault.ts';
import { writeFidelityTree } from '../../../helpers/fidelity-tree.ts';
import { readZip } from '../../../helpers/read-zip.ts';
import { newTarget } from '../../../helpers/restore-memory-tree.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { newTestVault } from '../../../helpers/test-vault.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

const { signal } = new AbortController();

async function capture(vault: OpenedVault, root: string, previous?: ListingRoot): Promise<ListingRoot> {
  await using writer = await vault.openWriter('backup');
  const { listing } = await captureTree({
    tree: { kind: 'folder', root, exclude: [] },
    ...(previous === undefined ? {} : { previous: await writer.openListing(previous) }),
    racyFromNs: neverRacyNs,
    compress: true,
    writer: writer.chunks,
    reader: writer.chunks,
    keys: vault.keys,
    signal: writer.signal,
  });
  await writer.chunks.flush();
  return listing;
}

/** Restores and compares by the listing, then gives the folder for a comparison of its own. */
async function restored(vault: OpenedVault, root: ListingRoot): Promise<string> {
  const target = await newTarget();
  await using reader = await vault.openReader('restore');
  const listing = await reader.openListing(root);
  const result = await restoreTree({ listing, reader: reader.chunks, target, exactMetadata: true, signal });
  expect(result.warnings).toEqual([]);
  expect(await compareTree(listing, target, { signal })).toEqual([]);
  return target;
}

describe('a tree that was backed up and restored', () => {
  it('is as it was: names, links, modes, owners, times, attributes, holes', async () => {
    const { vault } = await newTestVault();
    const source = path.join(await tempFolder(), 'source');
    await writeFidelityTree(source);
    const target = await restored(vault, await capture(vault, source));
    const isLeftOut = (name: string): boolean => ['fifo', 'socket', 'sparse'].includes(name);
    const expected = snapshotTree(source, isLeftOut);
    expect(Object.keys(expected).length).toBeGreaterThan(25);
    expect(snapshotTree(target, isLeftOut)).toEqual(expected);
    const { size, blocks } = fs.statSync(`${target}/sparse`);
    expect(size).toBe(5 * 1024 ** 3);
    expect(blocks * 512).toBeLessThan(1_048_576);
    expect(fs.existsSync(`${target}/fifo`)).toBe(false);
  });

  it('is as it was after many backups, each of which changed a few of many files and of a database', async () => {
    const { vault } = await newTestVault();
    const source = path.join(await tempFolder(), 'source');
    fs.mkdirSync(source);
    using database = disposable(new Database(`${source}/data.db`));
    // Not for the disk of a loaded machine: a sync for each statement.
    database.db.pragma('synchronous = off');
    database.db.exec('create table t (id integer primary key, v text)');
    database.db.exec('begin');
    const insert = database.db.prepare('insert into t (v) values (?)');
    for (let number = 0; number < 3000; number += 1) {
      insert.run(`row ${String(number)} ${'x'.repeat(200)}`);
    }
    database.db.exec('commit');
    for (let number = 0; number < 400; number += 1) {
      fs.writeFileSync(`${source}/f${String(number)}`, `${String(number)} `.repeat(300));
    }
    let root = await capture(vault, source);
    for (let day = 1; day <= 3; day += 1) {
      database.db.prepare('update t set v = ? where id % 97 = ?').run(`day ${String(day)}`.repeat(20), day);
      for (let number = day; number < 400; number += 40) {
        fs.writeFileSync(
          `${source}/f${String(number)}`,
          `day ${String(day)} of ${String(number)} `.repeat(200),
        );
      }
      root = await capture(vault, source, root);
    }
    const target = await restored(vault, root);
    expect(snapshotTree(target)).toEqual(snapshotTree(source));
  });

  it('come back as one inode, hard-linked symlinks too', async () => {
    const { vault } = await newTestVault();
    const source = path.join(await tempFolder(), 'source');
    fs.mkdirSync(`${source}/folder`, { recursive: true });
    fs.symlinkSync('nowhere', `${source}/one`);
    fs.linkSync(`${source}/one`, `${source}/folder/two`);
    fs.symlinkSync('nowhere', `${source}/three`);
    let root = await capture(vault, source, undefined);
    // Both a first listing and one that is compared with it.
    root = await capture(vault, source, root);
    const target = await restored(vault, root);
    const inodes = ['one', 'folder/two', 'three'].map((name) => fs.lstatSync(`${target}/${name}`).ino);
    expect(inodes[0]).toBe(inodes[1]);
    expect(inodes[2]).not.toBe(inodes[0]);
    expect(snapshotTree(target)).toEqual(snapshotTree(source));
  });

  it('can be exported, hard-linked symlinks too', async () => {
    const { vault } = await newTestVault();
    const source = path.join(await tempFolder(), 'source');
    fs.mkdirSync(source);
    fs.symlinkSync('nowhere', `${source}/one`);
    fs.linkSync(`${source}/one`, `${source}/two`);
    fs.writeFileSync(`${source}/x`, 'content');
    fs.linkSync(`${source}/x`, `${source}/y`);
    const backupId = await backUpFolder(vault, source);
    const output = path.join(await tempFolder(), 'out.zip');
    await exportArchive({ vault }, { backupId, component: 'memory', output }, { signal });
    const members = (await readZip(output)).map(
      ({ name, content }) => `${path.basename(name)} ${content.toString()}`,
    );
    expect(members.slice(1)).toEqual(['one nowhere', 'two nowhere', 'x content', 'y content']);
  });
});

function disposable(db: Database.Database) {
  return { db, [Symbol.dispose]: () => db.close() };
}

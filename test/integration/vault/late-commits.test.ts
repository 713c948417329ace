import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packName } from '../../../main/vault/chunks/pack-footer.ts';
import { backUpFolder, newCapturedVault } from '../../helpers/captured-vault.ts';
import type { CapturedVault } from '../../helpers/captured-vault.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

/** A backup whose manifest seems to have been written a minute after the next writer took the lock. */
async function lateBackup(): Promise<CapturedVault & Readonly<{ backupId: string }>> {
  const captured = await newCapturedVault();
  const folder = await tempFolder();
  await writeFile(join(folder, 'note'), 'some content');
  const backupId = await backUpFolder(captured.test.vault, folder);
  const { storage } = captured;
  storage.nowMs += 60_000;
  await (await captured.test.vault.openWriter('collect'))[Symbol.asyncDispose]();
  storage.nowMs += 60_000;
  storage.setBytes(`backups/${backupId}`, storage.bytesOf(`backups/${backupId}`));
  return { ...captured, backupId };
}

describe('LateCommits', () => {
  it('lists a late backup when everything that it names is there', async () => {
    const { test, backupId } = await lateBackup();
    const { manifests, unreadable } = await (await test.reopen()).listManifests();
    expect(manifests.map(({ manifest }) => manifest.backupId)).toEqual([backupId]);
    expect(unreadable).toEqual([]);
  });

  it('does not list a late backup of which something is gone, but tells of it', async () => {
    const { test, storage, backupId } = await lateBackup();
    for (const name of [...storage.names('packs/'), ...storage.names('index/')]) await storage.delete(name);
    const { manifests, unreadable } = await (await test.reopen()).listManifests();
    expect(manifests).toEqual([]);
    expect(unreadable.map((each) => [each.backupId, each.state])).toEqual([[backupId, 'live']]);
  });

  it('does not list a late backup whose listing is there, but not the content', async () => {
    const { test, storage, backupId } = await lateBackup();
    await using reader = await test.vault.openReader('test');
    for (const { id, class: packClass } of reader.packs.packs()) {
      if (packClass === 'data') await storage.delete(packName(id));
    }
    for (const name of storage.names('index/')) await storage.delete(name);
    const { manifests, unreadable } = await (await test.reopen()).listManifests();
    expect(manifests).toEqual([]);
    expect(unreadable.map((each) => each.backupId)).toEqual([backupId]);
  });

  it('asks nothing of a backup that was there when the lock was taken', async () => {
    const { test, storage, backupId } = await lateBackup();
    storage.nowMs += 60_000;
    await (await test.vault.openWriter('collect'))[Symbol.asyncDispose]();
    for (const name of storage.names('packs/')) await storage.delete(name);
    const { manifests } = await (await test.reopen()).listManifests();
    expect(manifests.map(({ manifest }) => manifest.backupId)).toEqual([backupId]);
  });
});

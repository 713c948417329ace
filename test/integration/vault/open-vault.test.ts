import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStorage } from '../../../main/storage/open-storage.ts';
import { createVault, openVault } from '../../../main/vault/open-vault.ts';
import type { OpenedVault } from '../../../main/vault/open-vault.ts';
import { batchOf, idsIn, noise, text } from '../../helpers/packed-chunks.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('openVault', () => {
  it('opens', async () => {
    const folder = await tempFolder();
    const storage = await createStorage({ kind: 'folder', path: join(folder, 'vault') }, { reserveBytes: 0 });
    const hostLockFolder = join(folder, 'locks');
    const deviceKey = new Uint8Array(32).fill(3);
    const passphrase = 'correct horse';
    const options = { storage, hostLockFolder, freeSpace: { shareOfTotal: 0, bytes: 0 } };
    await using vault = await createVault({
      ...options,
      secrets: [
        { kind: 'passphrase', passphrase },
        { kind: 'device', deviceKey },
      ],
      now: 0,
      scryptN: 32_768,
    });
    const chunks = [noise(1000, 1), text(100000, 2), noise(1000, 1)];
    let ids: readonly Uint8Array[];
    {
      await using writer = await vault.openWriter('test');
      const r = await writer.chunks.store(batchOf(chunks));
      ids = idsIn(r.ids);
      await writer.chunks.flush();
    }
    await using again: OpenedVault = await openVault({ ...options, secret: { kind: 'device', deviceKey } });
    await using reader = await again.openReader('test');
    const read: Buffer[] = [];
    for await (const chunk of reader.chunks.readMany(ids)) read.push(chunk);
    expect(read).toEqual(chunks);
  });
});

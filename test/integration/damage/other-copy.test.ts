import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { ChunkSealer } from '../../../main/vault/chunks/chunk-sealing.ts';
import { PackBuilder } from '../../../main/vault/chunks/pack-builder.ts';
import { packName } from '../../../main/vault/chunks/pack-footer.ts';
import { sealObject } from '../../../main/vault/format/sealed-object.ts';
import { packBytes } from '../../helpers/packed-chunks.ts';
import { backedUp, echoVolume, inPlace } from '../../helpers/tiny-backup.ts';
import { quietly, volumeData } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { toFolder, writtenTree } from './damage-lab.ts';

/** A better copy, by its writer, of each chunk of a source: authentic, of the right length, and wrong, as bad memory makes them. */
async function putWrongCopies({ vault }: TinyInstall, backupId: string, volume: string): Promise<void> {
  const { manifest } = await vault.loadManifest(backupId);
  const source = manifest.sources.find((each) => each.volume === volume);
  if (source?.listing === undefined) throw new Error('It is in the backup.');
  const sealer = new ChunkSealer(vault.keys);
  const pack = new PackBuilder('data', 1_000_000);
  {
    await using reader = await vault.openReader('test');
    for await (const id of (await reader.openListing(source.listing)).allChunks()) {
      const rawLength = reader.chunks.lengthOf(id) ?? 0;
      const packed = randomBytes(rawLength);
      pack.append(id, sealer.seal({ id: Uint8Array.from(id), packed, codec: 'raw', rawLength }));
    }
  }
  const keys = vault.objectKeys;
  const built = pack.finish((objectId, bytes) => sealObject({ keys, type: 'footer', objectId }, bytes));
  await vault.storage.put(packName(built.id), [packBytes(built)]);
  await using writer = await vault.openWriter('test');
  await writer.chunks.flush();
}

describe('a chunk whose best copy opens, and holds other bytes than its id says', () => {
  it('is restored from its other copy, to a folder and in place', async () => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(tiny.base, 'out');
    await restoreBackup(tiny.context, toFolder(backupId, folder), quietly);
    const right = writtenTree(folder);
    const live = snapshotTree(volumeData(tiny, echoVolume));
    await putWrongCopies(tiny, backupId, echoVolume);
    rmSync(folder, { recursive: true });
    const restored = await restoreBackup(tiny.context, toFolder(backupId, folder), quietly);
    expect(restored.warnings).toEqual([]);
    expect(writtenTree(folder)).toEqual(right);
    // What is left out of backups stays as it is.
    const files = Object.keys(live).filter(
      (name) => live[name]?.startsWith('file') && !name.startsWith('.cache'),
    );
    for (const name of files) writeFileSync(path.join(volumeData(tiny, echoVolume), name), 'changed');
    await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'] }), quietly);
    expect(snapshotTree(volumeData(tiny, echoVolume))).toEqual(live);
  });
});

import { createZstdCompress } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportArchive } from '../../../main/backup/export/export.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { ChunkSealer } from '../../../main/vault/chunks/chunk-sealing.ts';
import { maxChunkBytes } from '../../../main/vault/chunks/chunk-store.ts';
import { PackBuilder } from '../../../main/vault/chunks/pack-builder.ts';
import { packName } from '../../../main/vault/chunks/pack-footer.ts';
import { sealObject } from '../../../main/vault/format/sealed-object.ts';
import { ByteWriter } from '../../../main/vault/listing/byte-writer.ts';
import type { Extent } from '../../../main/vault/listing/entry.ts';
import { fileEntry } from '../../fakes/entries.ts';
import { packBytes } from '../../helpers/packed-chunks.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { echoVolume } from '../../helpers/tiny-backup.ts';
import { quietly, tinyInstall } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';
import { commitHostile } from './hostile-vault.ts';
import type { HostileSource } from './hostile-vault.ts';

const timeout = 600_000;
const MiB = 1024 * 1024;

/** Takes the volume out of the backup by every door; all of them must refuse it as damaged, with little memory. */
async function expectRefused(tiny: TinyInstall, backupId: string): Promise<void> {
  const { context } = tiny;
  const memoryBefore = process.resourceUsage().maxRSS;
  const to = { way: 'to', folder: path.join(tiny.base, 'target') } as const;
  const output = path.join(tiny.base, 'archive.tar.gz');
  const errors = [
    await rejectionOf(restoreBackup(context, { backupId, destination: to, safetyBackup: false }, quietly)),
    await rejectionOf(exportArchive(context, { backupId, component: 'memory', output }, quietly)),
  ];
  for (const error of errors) expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
  expect((await verifyVault(context, { backupId, data: 'full' }, quietly)).ok).toBe(false);
  expect((process.resourceUsage().maxRSS - memoryBefore) / 1024).toBeLessThan(500);
  expect(readdirSync(tiny.base)).not.toContain('target');
  expect(readdirSync(tiny.base)).not.toContain('archive.tar.gz');
}

/** A file whose page map has 2^21 holes for each of its chunks, which are one and the same. */
function mapOfHoles(chunks: number): HostileSource {
  const holes = Buffer.alloc(maxChunkBytes, Buffer.of(0, 1));
  const writer = new ByteWriter();
  writer.bytes(Buffer.from('TBPM\x01'));
  writer.varint(0);
  writer.varint(0);
  const count = (chunks * maxChunkBytes) / 2;
  writer.varint(count);
  const head = Buffer.from(writer.written);
  const extents: Extent[] = [{ chunk: 1, offset: 0, length: head.length }];
  for (let chunk = 0; chunk < chunks; chunk += 1)
    extents.push({ chunk: 2, offset: 0, length: maxChunkBytes });
  const file = fileEntry('sparse', { extents });
  const entry = { ...file, content: 'paged' as const, stat: { ...file.stat, size: count } };
  return { component: 'memory', volume: echoVolume, entries: [entry], content: [head, holes] };
}

/** A frame of zstd that unpacks to so many zeros. */
async function bombOf(mebibytes: number): Promise<Buffer> {
  const zeros = Buffer.alloc(MiB);
  const pieces = Array.from({ length: mebibytes }, () => zeros);
  return await buffer(Readable.from(pieces).pipe(createZstdCompress()));
}

/** Puts a pack into the vault by hand: one chunk of this id, which says that it is as long as a chunk can be. */
async function putBomb({ vault }: TinyInstall, id: Uint8Array, bomb: Buffer): Promise<void> {
  const sealer = new ChunkSealer(vault.keys);
  const builder = new PackBuilder('meta', 1);
  builder.append(id, sealer.seal({ id, packed: bomb, codec: 'zstd', rawLength: maxChunkBytes }));
  const pack = builder.finish((objectId, plaintext) =>
    sealObject({ keys: vault.objectKeys, type: 'footer', objectId }, plaintext),
  );
  await vault.storage.put(packName(pack.id), [packBytes(pack)]);
}

describe('what says that it is larger than it may be', { timeout }, () => {
  it('T18: a page map of countless extents is refused before it fills the memory', async () => {
    const tiny = await tinyInstall();
    await expectRefused(tiny, await commitHostile(tiny, [mapOfHoles(8)]));
  });

  it('T18: a chunk that unpacks to a gibibyte is refused where a listing, its root or a file should be', async () => {
    const tiny = await tinyInstall();
    const bomb = await bombOf(1024);
    expect(bomb.length).toBeLessThan(MiB);
    const id = Buffer.alloc(32, 7);
    await putBomb(tiny, id, bomb);
    const root = { rootChunks: [id.toString('hex')] };
    const source = { component: 'memory', volume: echoVolume, entries: [fileEntry('a')] };
    await expectRefused(tiny, await commitHostile(tiny, [{ ...source, listing: root }]));
    const extents = [{ chunk: 1, offset: 0, length: maxChunkBytes }];
    const file = {
      ...source,
      entries: [fileEntry('bomb', { extents })],
      chunks: [{ id, length: maxChunkBytes }],
    };
    await expectRefused(tiny, await commitHostile(tiny, [file]));
  });

  it('T18: a manifest or a pack footer beyond all bounds is refused unread', async () => {
    const tiny = await tinyInstall();
    const good = await commitHostile(tiny, [{ component: 'memory', volume: echoVolume, entries: [] }]);
    const { storage } = tiny.vault;
    await storage.put(`backups/${'0'.repeat(12)}`, [Buffer.alloc(300 * MiB)]);
    const before = process.resourceUsage().maxRSS;
    const { manifests, unreadable } = await tiny.vault.listManifests();
    expect(manifests.map(({ manifest }) => manifest.backupId)).toContain(good);
    expect(unreadable.map(({ backupId }) => backupId)).toEqual(['0'.repeat(12)]);
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(100);
  });
});

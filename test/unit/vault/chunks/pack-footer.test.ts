import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  packIdOf,
  packName,
  packPaddingBytes,
  readPackFooter,
} from '../../../../main/vault/chunks/pack-footer.ts';
import type { PackRecord } from '../../../../main/vault/chunks/pack-record.ts';
import { openObject } from '../../../../main/vault/format/sealed-object.ts';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { noise, packBytes, packsOf, testRing } from '../../../helpers/packed-chunks.ts';

const keys = testRing().objectKeys;

async function footerOf(bytes: Buffer, id = 'ab'.repeat(32)): Promise<PackRecord> {
  const storage = new MemoryStorage();
  await storage.put(packName(id), [bytes]);
  return await readPackFooter(storage, { id, size: bytes.length }, (objectId, sealed) =>
    openObject({ keys, type: 'footer', objectId }, sealed),
  );
}

function onePack(chunks: readonly Buffer[]): Readonly<{ bytes: Buffer; id: string; record: PackRecord }> {
  const [pack] = packsOf(chunks).packs;
  if (pack === undefined) throw new Error('no pack');
  return { bytes: packBytes(pack), id: pack.id, record: pack.record };
}

describe('pack footer', () => {
  it('repeats what the pack holds, and the pack is named by its SHA-256', async () => {
    const { bytes, id, record } = onePack([noise(70_000, 1), noise(1000, 2)]);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(id);
    const read = await footerOf(bytes);
    expect(read.chunks.map((chunk) => ({ ...chunk, id: new Uint8Array(chunk.id) }))).toEqual(record.chunks);
  });

  it('is found also when it is longer than the first read', async () => {
    const { bytes, record } = onePack(Array.from({ length: 1500 }, (_, seed) => noise(40, seed)));
    const read = await footerOf(bytes);
    expect(read.chunks).toHaveLength(record.chunks.length);
  });

  it('is damaged by any flipped bit in the footer and trailer', async () => {
    const { bytes } = onePack([noise(100, 1)]);
    const footerBytes = 32 + 1024 + 38;
    for (let position = bytes.length - footerBytes; position < bytes.length; position += 3) {
      const isReserved = position >= bytes.length - 26 && position < bytes.length - 24;
      const isUnused = position >= bytes.length - 20 && position < bytes.length - 16;
      if (isReserved || isUnused) continue;
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(position) ^ 4, position);
      await expect(footerOf(flipped)).rejects.toMatchObject({ kind: 'damaged' });
    }
  });

  it.each([0, 31, 32, 1000])('is damaged when only %i bytes are left', async (length) => {
    const { bytes } = onePack([noise(3000, 1)]);
    await expect(footerOf(bytes.subarray(0, length))).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('is damaged when the body before it was cut off', async () => {
    const { bytes } = onePack([noise(30_000, 1)]);
    await expect(footerOf(bytes.subarray(20_000))).rejects.toMatchObject({ kind: 'damaged' });
  });

  it('pads packs to steps that hide what they hold, at small cost', () => {
    for (const length of [1, 4095, 4096, 300_000, 3_000_000, 16_000_000]) {
      const padded = length + packPaddingBytes(length);
      expect(padded % 4096).toBe(0);
      expect(padded - length).toBeLessThan(Math.max(4096, length / 60));
    }
  });

  it('knows the names of packs', () => {
    const id = 'ab12'.repeat(16);
    expect(packName(id)).toBe(`packs/ab/${id}`);
    expect(packIdOf(packName(id))).toBe(id);
    expect([packIdOf(`packs/cd/${id}`), packIdOf('packs/ab/short'), packIdOf(`index/${id}`)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

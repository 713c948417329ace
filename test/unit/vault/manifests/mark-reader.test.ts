import { describe, expect, it } from 'vitest';
import { MarkReader } from '../../../../main/vault/manifests/mark-reader.ts';
import { pinBackup, unpinBackup } from '../../../../main/vault/manifests/pins.ts';
import { forgetProof, recordProof } from '../../../../main/vault/manifests/proofs.ts';
import { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { createTestRing } from '../../../fakes/test-ring.ts';

const keys = createTestRing().objectKeys;
const [one, other] = ['0123456789ab', 'ba9876543210'];

async function create() {
  const storage = new MemoryStorage();
  const prove = async (backupId: string, sources: readonly string[]): Promise<void> =>
    await recordProof(storage, keys, { backupId, sources });
  await pinBackup(storage, keys, one);
  await prove(one, ['persistence']);
  await prove(other, ['config']);
  const reader = new MarkReader(storage, () => keys);
  let reads: string[] = [];
  storage.onCall = ({ method, name }) => void (method === 'read' && reads.push(name));
  /** The marks, and what was read to know them. */
  const look = async () => {
    reads = [];
    const { pinned, proofs } = await reader.list();
    return { pinned: [...pinned], proven: proofs.map(({ backupId }) => backupId), reads };
  };
  return { storage, reader, prove, look };
}

describe('mark reader', () => {
  it('reads no pin, and each proof once while it is the same object', async () => {
    const { reader, look } = await create();
    const reads = [`marks/proof-${one}`, `marks/proof-${other}`];
    expect(await look()).toEqual({ pinned: [one], proven: [one, other], reads });
    expect(await look()).toEqual({ pinned: [one], proven: [one, other], reads: [] });
    const [proof] = (await reader.list()).proofs;
    expect(Object.keys(proof?.provenAtMs ?? {})).toEqual(['persistence']);
  });

  it('sees what another process proved, pinned and took back', async () => {
    const { storage, reader, prove, look } = await create();
    await look();
    storage.nowMs += 1;
    await prove(one, ['persistence']);
    expect((await reader.list()).proofs[0]?.provenAtMs).toEqual({ persistence: storage.nowMs });
    await prove(one, ['memory/a']);
    await pinBackup(storage, keys, other);
    await unpinBackup(storage, one);
    await forgetProof(storage, other);
    expect(await look()).toMatchObject({ pinned: [other], proven: [one] });
    expect(Object.keys((await reader.list()).proofs[0]?.provenAtMs ?? {})).toEqual([
      'persistence',
      'memory/a',
    ]);
  });

  it('keeps a backup pinned by one mark, whatever is in it', async () => {
    const { storage, look } = await create();
    await storage.delete(`marks/pin-${one}`);
    storage.flipBit(`marks/pin-${one}-copy`, 300);
    expect(await look()).toMatchObject({ pinned: [one] });
  });

  it('takes a proof that does not open for none, until it opens', async () => {
    const { storage, look } = await create();
    storage.flipBit(`marks/proof-${one}`, 300);
    expect(await look()).toMatchObject({ proven: [other] });
    storage.flipBit(`marks/proof-${one}`, 300);
    expect(await look()).toMatchObject({ proven: [one, other] });
  });
});

import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { packName } from '../../../../main/vault/chunks/pack-footer.ts';
import { createHeader } from '../../../../main/vault/keys/header.ts';
import { DamageList } from '../../../../main/vault/upkeep/damage-list.ts';
import { verifyVault } from '../../../../main/vault/upkeep/verify.ts';
import type { VerifyRequest, VerifyResult } from '../../../../main/vault/upkeep/verify.ts';
import type { FakeInventory } from '../../../fakes/pack-world.ts';
import { PackWorld } from '../../../fakes/pack-world.ts';
import { testChunkId } from '../../../fakes/test-manifest.ts';

async function verify(
  world: PackWorld,
  options: Partial<VerifyRequest> & { inventory?: FakeInventory } = {},
): Promise<VerifyResult> {
  const result = await verifyVault({
    storage: world.storage,
    ring: world.ring,
    manifests: world.manifests,
    inventory: world.inventory(),
    reader: {
      read: async () => Buffer.alloc(0),
      async *readMany() {},
      lengthOf: () => undefined,
    },
    openListing: async (root) => await world.openListing(root),
    data: 'full',
    signal: new AbortController().signal,
    ...options,
  });
  // These vaults have no key file.
  const damaged = result.damaged.filter(({ object }) => object !== 'keys');
  return { ...result, damaged };
}

async function createWorld(): Promise<{ world: PackWorld; backupId: string; pack: string }> {
  const world = new PackWorld();
  await createHeader(world.storage, world.ring, '2026-01-01T00:00:00.000Z');
  const backupId = await world.backup(['a', 'b']);
  const [name = ''] = world.storage.names('packs/');
  return { world, backupId, pack: name.slice(-64) };
}

function damagedPack(world: PackWorld, pack: string, ...chunks: readonly string[]): FakeInventory {
  const inventory = world.inventory();
  const damagedChunks = chunks.map((name) => testChunkId(name));
  inventory.checks.set(pack, { packId: pack, bytes: 10, problem: 'its bytes have changed', damagedChunks });
  return inventory;
}

describe('verify', () => {
  it('finds nothing in a whole vault', async () => {
    const { world } = await createWorld();
    expect((await verify(world)).damaged).toEqual([]);
  });

  it('names a damaged pack without backups when another pack holds what it held', async () => {
    const { world, pack } = await createWorld();
    await world.addPack(['a', 'b', 'c']);
    const { damaged } = await verify(world, { inventory: damagedPack(world, pack, 'a') });
    expect(damaged).toEqual([
      {
        object: packName(pack),
        reason: 'A pack is damaged: its bytes have changed.',
        backups: [],
        sources: [],
      },
    ]);
  });

  it('goes on when the disk cannot give back a pack, and counts what it held as lost', async () => {
    const { world, pack, backupId } = await createWorld();
    const inventory = world.inventory();
    inventory.checkPack = async () => {
      throw new AppError('failed', 'The disk says EIO.');
    };
    const { damaged } = await verify(world, { inventory });
    expect(damaged).toMatchObject([{ object: packName(pack), backups: [backupId] }]);
    const list = await DamageList.load(world.storage, world.ring.objectKeys);
    expect([list.has(testChunkId('a')), list.has(testChunkId('b')), list.hasPack(pack)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('notes what a sample has found when it is cut off, and goes on behind what it has read', async () => {
    const { world } = await createWorld();
    for (const name of ['c', 'd', 'e']) await world.addPack([name]);
    const packs = world.storage
      .names('packs/')
      .map((name) => name.slice(-64))
      .toSorted();
    const [first = '', second = ''] = packs;
    const cancel = new AbortController();
    const read: string[] = [];
    const onPack = (packId: string): void => {
      read.push(packId);
      if (packId === second) cancel.abort();
    };
    const sample = { part: 0, parts: 1 };
    const inventory = damagedPack(world, first);
    const cut = verify(world, { inventory, data: sample, signal: cancel.signal, onPack });
    await expect(cut).rejects.toThrow();
    expect(read).toEqual([first, second]);
    expect((await DamageList.load(world.storage, world.ring.objectKeys)).hasPack(first)).toBe(true);
    read.length = 0;
    await verify(world, { data: { ...sample, after: second }, onPack: (packId) => void read.push(packId) });
    expect(read).toEqual(packs.slice(2));
  });

  it('throws when the storage is away, and puts nothing on the list', async () => {
    const { world } = await createWorld();
    const inventory = world.inventory();
    inventory.checkPack = async () => {
      throw new AppError('unavailable', 'The disk is away.');
    };
    await expect(verify(world, { inventory })).rejects.toMatchObject({ kind: 'unavailable' });
    expect((await DamageList.load(world.storage, world.ring.objectKeys)).isEmpty).toBe(true);
  });

  it('remembers what an earlier check found, until a check that reads it finds it right', async () => {
    const { world, pack, backupId } = await createWorld();
    await verify(world, { inventory: damagedPack(world, pack, 'a') });
    expect((await verify(world, { data: 'none' })).damaged).toMatchObject([
      { object: packName(pack), backups: [backupId] },
    ]);
    const { damaged, healed } = await verify(world);
    expect(damaged).toEqual([]);
    expect(Array.from(healed.chunks, (id) => Buffer.from(id))).toEqual([testChunkId('a')]);
    expect([...healed.packs]).toEqual([pack]);
  });

  it('says that the index lost a part when a backup needs a pack that only its footer tells of', async () => {
    const { world, pack, backupId } = await createWorld();
    const stray = await world.addPack(['x']);
    const inventory = world.inventory();
    inventory.notIndexed = new Set([stray]);
    expect((await verify(world, { inventory })).damaged).toEqual([]);
    inventory.notIndexed = new Set([stray, pack]);
    expect((await verify(world, { inventory })).damaged).toMatchObject([
      { object: 'index', backups: [backupId] },
    ]);
  });

  it('names data that is in no pack, and every backup that needs it', async () => {
    const { world, pack, backupId } = await createWorld();
    const again = await world.backup(['a', 'b']);
    const openListing: VerifyRequest['openListing'] = async (root) => {
      const listing = await world.openListing(root);
      world.storage.objects.delete(packName(pack));
      return listing;
    };
    const lost = world.inventory();
    lost.packsOf = () => [];
    lost.numberOf = () => -1;
    const { damaged } = await verify(world, { openListing, inventory: lost });
    expect(damaged).toMatchObject([{ object: 'packs', backups: [backupId, again].toSorted() }]);
  });

  it('reads each pack in one share of a rotation, and none without data', async () => {
    const { world } = await createWorld();
    for (const chunk of ['c', 'd', 'e', 'f', 'g']) await world.addPack([chunk]);
    expect(await packsRead(world, 'none')).toEqual([]);
    const rounds = await Promise.all([0, 1, 2].map((part) => packsRead(world, { part, parts: 3 })));
    expect([...new Set(rounds.flat())].toSorted()).toEqual(packsOf(world));
  });

  it('reads a pack of each source in every share, and another one each time', async () => {
    const { world } = await createWorld();
    await world.addPack(['c']);
    await world.addPack(['d']);
    await world.backup(['c', 'd'], { installId: '3'.repeat(32) });
    const [first, second] = [
      await packsRead(world, { part: 0, parts: 100_000 }),
      await packsRead(world, { part: 1, parts: 100_000 }),
    ];
    expect([first.length, second.length]).toEqual([2, 2]);
    expect([...new Set([...first, ...second])].toSorted()).toEqual(packsOf(world));
  });
});

function packsOf(world: PackWorld): readonly string[] {
  return world.storage
    .names('packs/')
    .map((name) => name.slice(-64))
    .toSorted();
}

/** The packs that a verify reads. */
async function packsRead(world: PackWorld, data: VerifyRequest['data']): Promise<readonly string[]> {
  const read: string[] = [];
  const inventory = world.inventory();
  const check = inventory.checkPack.bind(inventory);
  inventory.checkPack = async (packId) => {
    read.push(packId);
    return await check(packId);
  };
  await verify(world, { inventory, data });
  return read;
}

import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { packName } from '../../../../main/vault/chunks/pack-footer.ts';
import { DamageList } from '../../../../main/vault/upkeep/damage-list.ts';
import { loadDoomed } from '../../../../main/vault/upkeep/doomed-packs.ts';
import { ProcessDied } from '../../../fakes/memory-storage.ts';
import { PackWorld } from '../../../fakes/pack-world.ts';

const hour = 3600 * 1000;
const manyChunks = Array.from({ length: 20 }, (_, index) => `many-${String(index)}`);
const day = 24 * hour;

async function createWorld(): Promise<{ world: PackWorld; kept: string; gone: string }> {
  const world = new PackWorld();
  const gone = await world.backup(['a', 'b']);
  const kept = await world.backup(['c', 'd']);
  await world.manifests.trash(gone, 0);
  return { world, kept, gone };
}

describe('collect', () => {
  it('marks first, and deletes in a later run after 24 h by the clock of the storage', async () => {
    const { world, gone } = await createWorld();
    expect(await world.collect()).toMatchObject({ purgedBackups: [gone], doomedPacks: 1, deletedPacks: 0 });
    expect(world.packCount()).toBe(2);
    world.storage.nowMs += day - 1;
    expect(await world.collect()).toMatchObject({ doomedPacks: 0, deletedPacks: 0, waitingPacks: 1 });
    world.storage.nowMs += 1;
    expect(await world.collect()).toMatchObject({ deletedPacks: 1, deletedBytes: 200, waitingPacks: 0 });
    expect(world.packCount()).toBe(1);
    expect(world.storage.names('doomed/')).toEqual([]);
    expect(await world.brokenBackups()).toEqual([]);
  });

  it('deletes nothing that it found in the same run, also when it must not wait', async () => {
    const { world } = await createWorld();
    expect(await world.collect({ immediate: true })).toMatchObject({ doomedPacks: 1, deletedPacks: 0 });
    expect(world.packCount()).toBe(2);
    expect(await world.collect({ immediate: true })).toMatchObject({ doomedPacks: 0, deletedPacks: 1 });
    expect(world.packCount()).toBe(1);
  });

  it('waits all the same while somebody reads, and where the storage is not local', async () => {
    const { world } = await createWorld();
    await world.collect();
    world.storage.nowMs += 1;
    const lease = { name: 'locks/x', purpose: 'restore', sinceMs: world.storage.nowMs, isThisHost: true };
    world.leases = [lease];
    expect(await world.collect({ immediate: true })).toMatchObject({ deletedPacks: 0, waitingPacks: 1 });
    world.leases = [];
    world.storage.isLocal = false;
    expect(await world.collect({ immediate: true })).toMatchObject({ deletedPacks: 0, waitingPacks: 1 });
    expect(world.packCount()).toBe(2);
    world.storage.isLocal = true;
    expect(await world.collect({ immediate: true })).toMatchObject({ deletedPacks: 1, waitingPacks: 0 });
  });

  it('waits for whoever began to read before the packs were marked, however long that is', async () => {
    const { world } = await createWorld();
    world.leases = [
      { name: 'locks/x', purpose: 'restore', sinceMs: world.storage.nowMs - hour, isThisHost: false },
    ];
    await world.collect();
    world.storage.nowMs += 3 * day;
    expect(await world.collect()).toMatchObject({ deletedPacks: 0, waitingPacks: 1 });
    world.leases = [{ name: 'locks/y', purpose: 'restore', sinceMs: world.storage.nowMs, isThisHost: false }];
    expect(await world.collect()).toMatchObject({ deletedPacks: 1 });
  });

  it('keeps what backups in the trash need until their deadline', async () => {
    const world = new PackWorld();
    const id = await world.backup(['a']);
    await world.manifests.trash(id, 7 * day);
    for (let round = 0; round < 6; round += 1) {
      expect(await world.collect()).toMatchObject({ doomedPacks: 0 });
      world.storage.nowMs += day;
    }
    await world.manifests.undelete(id);
    expect(await world.brokenBackups()).toEqual([]);
  });

  it('releases a marked pack that a backup needs again', async () => {
    const { world, gone } = await createWorld();
    const object = world.storage.bytesOf(`trash/${gone}`);
    await world.collect();
    world.storage.setBytes(`trash/${gone}`, object);
    await world.manifests.undelete(gone);
    world.storage.nowMs += 2 * day;
    expect(await world.collect()).toMatchObject({ releasedPacks: 1, deletedPacks: 0 });
    expect(world.storage.names('doomed/')).toEqual([]);
    expect(await world.brokenBackups()).toEqual([]);
  });

  it('deletes nothing when any manifest does not open, live or in the trash, and names it', async () => {
    for (const where of ['backups', 'trash'] as const) {
      const { world, kept } = await createWorld();
      await world.collect();
      world.storage.nowMs += 2 * day;
      if (where === 'trash') await world.manifests.trash(kept, 7 * day);
      world.storage.flipBit(`${where}/${kept}`, 400);
      const before = world.storage.names();
      await expect(world.collect()).rejects.toMatchObject({
        kind: 'damaged',
        message: expect.stringContaining(kept),
      });
      expect(world.storage.names()).toEqual(before);
    }
  });

  it('says when a deleted backup that does not open goes for good, and collects then', async () => {
    const { world, kept } = await createWorld();
    world.storage.flipBit(`backups/${kept}`, 400);
    await expect(world.collect()).rejects.toMatchObject({ message: expect.stringContaining('then delete') });
    await world.manifests.trash(kept, 7 * day);
    const deadline = new Date(world.storage.nowMs + 7 * day).toISOString().slice(0, 10);
    await expect(world.collect()).rejects.toMatchObject({
      message: expect.stringContaining(`goes for good on ${deadline}`),
    });
    world.storage.nowMs += 8 * day;
    expect((await world.collect()).purgedBackups).toEqual([kept]);
  });

  it('asks to delete a backup once more, when nobody can read how long it stays in the trash', async () => {
    const { world, kept } = await createWorld();
    await world.manifests.trash(kept, 7 * day);
    world.storage.flipBit(`trash/${kept}`, 400);
    await expect(world.collect()).rejects.toMatchObject({
      message: expect.stringContaining('delete it once more'),
    });
    await world.manifests.trash(kept, 7 * day);
    expect((await world.collect()).doomedPacks).toBe(2);
  });

  it('deletes nothing when a manifest lies there under a name that is no id', async () => {
    const { world, kept } = await createWorld();
    await world.collect();
    world.storage.nowMs += 2 * day;
    world.storage.setBytes('backups/renamed', world.storage.bytesOf(`backups/${kept}`));
    world.storage.objects.delete(`backups/${kept}`);
    await expect(world.collect()).rejects.toMatchObject({ kind: 'damaged' });
    expect(world.packCount()).toBe(2);
  });

  it('deletes nothing when a listing does not open, and passes on an error of the storage as it is', async () => {
    const { world } = await createWorld();
    await world.collect();
    world.storage.nowMs += 2 * day;
    for (const kind of ['damaged', 'unavailable'] as const) {
      world.onOpenListing = () => {
        throw new AppError(kind, 'no listing');
      };
      await expect(world.collect()).rejects.toMatchObject({ kind });
      expect(world.packCount()).toBe(2);
    }
  });

  it('refuses when the clocks differ by more than 5 minutes, and changes nothing', async () => {
    const { world } = await createWorld();
    const before = world.storage.clone();
    for (const skewMs of [5 * 60_000 + 1, -5 * 60_000 - 1]) {
      world.skewMs = skewMs;
      await expect(world.collect()).rejects.toMatchObject({ kind: 'refused' });
    }
    expect(world.storage.objects).toEqual(before.objects);
  });

  it('deletes nothing when the lock is lost meanwhile', async () => {
    const { world } = await createWorld();
    await world.collect();
    world.storage.nowMs += 2 * day;
    let isHeld = true;
    world.onOpenListing = () => void (isHeld = false);
    const assertHeld = async () => {
      if (!isHeld) throw new AppError('busy', 'the lock is lost');
    };
    await expect(world.collect({ assertHeld })).rejects.toMatchObject({ kind: 'busy' });
    expect(world.packCount()).toBe(2);
  });

  it('does not let a new backup rely on a marked pack', async () => {
    const { world } = await createWorld();
    await world.collect();
    const again = await world.backup(['a', 'b']);
    world.storage.nowMs += 2 * day;
    expect(await world.collect()).toMatchObject({ deletedPacks: 1 });
    expect(await world.brokenBackups()).toEqual([]);
    expect((await world.manifests.load(again)).state).toBe('live');
  });

  it('rewrites packs of which less than half is used, at most so many bytes, and keeps fuller ones', async () => {
    const world = new PackWorld();
    await world.addPack(['a', 'b', 'c']);
    await world.addPack(['d', 'e', 'f', 'g']);
    await world.addPack(['h', 'i']);
    await world.backup(['a', 'd', 'h', ...manyChunks]);
    expect(await world.collect({ repackBytes: 150 })).toMatchObject({
      repackedPacks: 1,
      doomedPacks: 1,
      doomedBytes: 400,
    });
    expect(await world.collect()).toMatchObject({ repackedPacks: 1, doomedPacks: 1, doomedBytes: 300 });
    world.storage.nowMs += 2 * day;
    expect(await world.collect()).toMatchObject({ deletedPacks: 2, repackedPacks: 0 });
    expect(await world.brokenBackups()).toEqual([]);
    expect(world.packCount()).toBe(4);
  });

  it('rewrites fuller packs too, the emptiest first, until a tenth of what is used is wasted', async () => {
    const world = new PackWorld();
    await world.addPack(['a', 'b', 'c', 'd', 'e']);
    await world.addPack(['f', 'g']);
    await world.backup(['a', 'b', 'c', 'd', 'f', ...manyChunks.slice(0, 12)]);
    // Two chunks are wasted beside 17 that are used: with the emptier pack rewritten it is one.
    expect(await world.collect()).toMatchObject({ repackedPacks: 1, doomedPacks: 1, doomedBytes: 200 });
    world.storage.nowMs += 2 * day;
    expect(await world.collect()).toMatchObject({ deletedPacks: 1, repackedPacks: 0 });
    expect(await world.brokenBackups()).toEqual([]);
  });

  it('deletes dead packs before it writes new ones', async () => {
    const { world } = await createWorld();
    await world.collect();
    world.storage.nowMs += 2 * day;
    await world.addPack(['x', 'y', 'z']);
    await world.backup(['x']);
    const calls: string[] = [];
    world.storage.onCall = ({ method, name }) => {
      if (name.startsWith('packs/') && method !== 'list' && method !== 'read') calls.push(method);
    };
    expect(await world.collect()).toMatchObject({ deletedPacks: 1, repackedPacks: 1 });
    expect(calls).toEqual(['delete', 'put']);
  });

  it('rewrites a damaged pack however full it is, and takes it off the list when it is deleted', async () => {
    const world = new PackWorld();
    const pack = await world.addPack(['a', 'b']);
    await world.backup(['a', 'b']);
    const damage = await DamageList.load(world.storage, world.ring.objectKeys);
    await damage.add({ chunks: [], packs: [pack] });
    expect(await world.collect()).toMatchObject({ repackedPacks: 1, doomedPacks: 1 });
    expect(await world.collect({ immediate: true })).toMatchObject({ deletedPacks: 1, repackedPacks: 0 });
    expect(world.storage.objects.has(packName(pack))).toBe(false);
    expect((await DamageList.load(world.storage, world.ring.objectKeys)).isEmpty).toBe(true);
  });

  it('takes a damaged mark for none: its packs wait anew', async () => {
    const { world } = await createWorld();
    await world.collect();
    const [mark = ''] = world.storage.names('doomed/');
    world.storage.nowMs += 2 * day;
    world.storage.flipBit(mark, 200);
    expect(await world.collect()).toMatchObject({ deletedPacks: 0, doomedPacks: 1 });
    expect((await loadDoomed(world.storage, world.ring.objectKeys)).unreadable).toEqual([]);
    world.storage.nowMs += day;
    expect(await world.collect()).toMatchObject({ deletedPacks: 1 });
  });

  it('loses nothing, whenever the process dies, and the next runs end what was begun', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let mutation = 1; mutation <= 12; mutation += 1) {
        const world = new PackWorld();
        const gone = await world.backup(['a', 'b']);
        const back = await world.backup(['k', 'l']);
        await world.manifests.trash(gone, 0);
        await world.manifests.trash(back, 0);
        const trashed = world.storage.bytesOf(`trash/${back}`);
        await world.collect();
        world.storage.setBytes(`trash/${back}`, trashed);
        await world.manifests.undelete(back);
        await world.addPack(['x', 'y', 'z']);
        await world.backup(['x', 'k']);
        world.storage.nowMs += 2 * day;
        world.storage.dieAt(mutation + world.storage.mutations, when);
        const isDead = await diesIn(async () => world.collect());
        world.storage = world.storage.revive();
        expect(await world.brokenBackups(), `${when} ${mutation}`).toEqual([]);
        for (let run = 0; run < 3; run += 1) {
          await world.collect();
          world.storage.nowMs += 2 * day;
          expect(await world.brokenBackups(), `${when} ${mutation} run ${run}`).toEqual([]);
        }
        expect(world.packCount(), `${when} ${mutation} ${String(isDead)}`).toBe(2);
        expect(world.storage.names('doomed/')).toEqual([]);
      }
    }
  });

  it('loses nothing in any order of backups, deletions, runs and deaths', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const world = new PackWorld();
      const random = seededRandom(seed);
      for (let step = 0; step < 30; step += 1) {
        await randomStep(world, random);
        expect(await world.brokenBackups(), `seed ${seed} step ${step}`).toEqual([]);
      }
    }
  });
});

async function diesIn(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    if (error instanceof ProcessDied) return true;
    throw error;
  }
}

async function randomStep(world: PackWorld, random: (below: number) => number): Promise<void> {
  const { manifests } = await world.manifests.list();
  const some = manifests[random(Math.max(manifests.length, 1))];
  switch (random(6)) {
    case 0:
    case 1:
      await world.backup(Array.from({ length: 1 + random(4) }, () => `chunk ${random(12)}`));
      break;
    case 2:
      if (some?.state === 'live') await world.manifests.trash(some.manifest.backupId, random(3) * day);
      break;
    case 3:
      if (some?.state === 'trashed') await world.manifests.undelete(some.manifest.backupId);
      break;
    case 4:
      world.storage.nowMs += random(40) * hour;
      break;
    default:
      world.storage.dieAt(world.storage.mutations + 1 + random(8), random(2) === 0 ? 'before' : 'after');
      await diesIn(async () => world.collect({ immediate: random(3) === 0 }));
      world.storage = world.storage.revive();
  }
}

/** A small generator (mulberry32), so that a failing seed can be run again. */
function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

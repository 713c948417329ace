import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { Manifest } from '../../../../shared/model/manifest.ts';
import { sealObject } from '../../../../main/vault/format/sealed-object.ts';
import { missingBackups } from '../../../../main/vault/manifests/known-backups.ts';
import { ManifestStore } from '../../../../main/vault/manifests/manifest-store.ts';
import { listPins, pinBackup, repairPins, unpinBackup } from '../../../../main/vault/manifests/pins.ts';
import { MemoryStorage, ProcessDied } from '../../../fakes/memory-storage.ts';
import { createTestManifest } from '../../../fakes/test-manifest.ts';
import { createTestRing } from '../../../fakes/test-ring.ts';

const ring = createTestRing();
const week = 7 * 24 * 3600 * 1000;
const damaged = expect.objectContaining({ kind: 'damaged' });
const notFound = expect.objectContaining({ kind: 'not-found' });

async function createStore(manifests: readonly Manifest[] = [createTestManifest(ring.vaultId)]) {
  const storage = new MemoryStorage();
  const store = new ManifestStore(storage, () => ring.objectKeys);
  for (const each of manifests) await store.commit(each);
  return { storage, store, manifests, first: manifests[0]?.backupId ?? '' };
}

function reopen(storage: MemoryStorage): ManifestStore {
  return new ManifestStore(storage, () => ring.objectKeys);
}

describe('manifest store', () => {
  it('gives back what was committed, and lists it newest first', async () => {
    const days = ['03', '01', '02'];
    const manifests = days.map((day) =>
      createTestManifest(ring.vaultId, { timestamp: `2026-01-${day}T00:00:00.000Z` }),
    );
    const { store } = await createStore(manifests);
    const listed = (await store.list()).manifests;
    expect(listed.map(({ manifest }) => manifest.timestamp.slice(8, 10))).toEqual(['03', '02', '01']);
    for (const each of manifests)
      expect(await store.load(each.backupId)).toEqual({ manifest: each, state: 'live' });
    await expect(store.load('0'.repeat(12))).rejects.toEqual(notFound);
    await expect(store.load('../../x')).rejects.toEqual(notFound);
  });

  it('never writes over a backup of the same id', async () => {
    const { store, storage, manifests } = await createStore();
    const before = storage.clone();
    const [first] = manifests;
    const other = createTestManifest(ring.vaultId, { ...first, note: 'other' });
    await expect(store.commit(other)).rejects.toEqual(expect.objectContaining({ kind: 'failed' }));
    expect(storage.objects).toEqual(before.objects);
  });

  it('reads each manifest once while it is the same object', async () => {
    const { store, storage } = await createStore();
    await store.list();
    let reads = 0;
    storage.onCall = ({ method }) => void (reads += method === 'read' ? 1 : 0);
    await store.list();
    expect(reads).toBe(0);
    const [name = ''] = storage.names('backups/');
    storage.nowMs += 1;
    storage.flipBit(name, 300);
    expect((await store.list()).unreadable).toHaveLength(1);
  });

  it('finds any flipped bit, and reports the manifest as unreadable instead of throwing', async () => {
    const { storage, first } = await createStore();
    const name = `backups/${first}`;
    const good = createTestManifest(ring.vaultId);
    await reopen(storage).commit(good);
    for (let bit = 0; bit < storage.bytesOf(name).length * 8; bit += 7) {
      const changed = storage.clone();
      changed.flipBit(name, bit);
      const { manifests, unreadable } = await reopen(changed).list();
      expect(manifests.map(({ manifest }) => manifest.backupId)).toEqual([good.backupId]);
      expect(unreadable).toEqual([{ backupId: first, state: 'live', reason: expect.any(String) }]);
      await expect(reopen(changed).load(first)).rejects.toEqual(damaged);
    }
  });

  it('does not open a manifest of another vault, another id, cut off, with a tail, or of another shape', async () => {
    const { storage, store, first } = await createStore();
    const name = `backups/${first}`;
    const bytes = storage.bytesOf(name);
    const foreignRing = createTestRing();
    const foreign = createTestManifest(foreignRing.vaultId, { backupId: first });
    const foreignStorage = new MemoryStorage();
    await new ManifestStore(foreignStorage, () => foreignRing.objectKeys).commit(foreign);
    const seal = (content: unknown) =>
      sealObject(
        { keys: ring.objectKeys, type: 'manifest', objectId: first },
        Buffer.from(JSON.stringify(content)),
      );
    const replacements = [
      foreignStorage.bytesOf(name),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.from([0])]),
      Buffer.alloc(0),
      seal(foreign),
      seal(createTestManifest(ring.vaultId)),
      seal({ ...createTestManifest(ring.vaultId, { backupId: first }), format: 2 }),
      seal([]),
    ];
    for (const replacement of replacements) {
      storage.nowMs += 1;
      storage.setBytes(name, replacement);
      await expect(store.load(first)).rejects.toEqual(damaged);
      expect((await store.list()).unreadable).toHaveLength(1);
    }
  });

  it('T23: a manifest renamed by hand is not listed as good, is named, and can be deleted', async () => {
    const { storage, store, first } = await createStore();
    const bytes = storage.bytesOf(`backups/${first}`);
    const other = 'ffffffffffff';
    storage.objects.delete(`backups/${first}`);
    storage.setBytes(`backups/${other}`, bytes);
    storage.setBytes('backups/renamed-by-hand', bytes);
    const { manifests, unreadable } = await store.list();
    expect(manifests).toEqual([]);
    expect(unreadable.map(({ backupId }) => backupId).toSorted()).toEqual([other, 'renamed-by-hand']);
    await store.trash(other, week);
    expect(storage.names('backups/')).toEqual(['backups/renamed-by-hand']);
    await expect(store.load(other)).rejects.toEqual(damaged);
    await store.undelete(other);
    expect(storage.bytesOf(`backups/${other}`)).toEqual(bytes);
  });

  it('does not take a read that fails for damage, and throws only when the storage is away', async () => {
    const { storage, store, first } = await createStore();
    let kind: 'failed' | 'unavailable' = 'failed';
    storage.onCall = ({ method }) => {
      if (method === 'read') throw new AppError(kind, 'the disk says no');
    };
    expect((await store.list()).unreadable).toEqual([
      { backupId: first, state: 'live', reason: 'the disk says no' },
    ]);
    await expect(store.trash(first, week)).rejects.toEqual(expect.objectContaining({ kind: 'failed' }));
    kind = 'unavailable';
    await expect(store.list()).rejects.toEqual(expect.objectContaining({ kind: 'unavailable' }));
    storage.onCall = undefined;
    expect((await store.list()).manifests).toHaveLength(1);
  });
});

describe('trash', () => {
  it('keeps a deleted backup until its deadline, and gives it back byte by byte', async () => {
    const { storage, store, first } = await createStore();
    const bytes = storage.bytesOf(`backups/${first}`);
    await store.trash(first, week);
    expect((await store.list()).manifests).toMatchObject([{ state: 'trashed', trashedAtMs: storage.nowMs }]);
    storage.nowMs += week - 1;
    expect(await store.purgeTrash()).toEqual([]);
    await store.trash(first, week);
    await store.undelete(first);
    expect([...storage.names('backups/'), ...storage.names('trash/')]).toEqual([`backups/${first}`]);
    expect(storage.bytesOf(`backups/${first}`)).toEqual(bytes);
    await store.undelete(first);
    await store.trash(first, week);
    storage.nowMs += week;
    expect(await store.purgeTrash()).toEqual([first]);
    await expect(store.undelete(first)).rejects.toEqual(notFound);
    await expect(store.trash(first, week)).rejects.toEqual(notFound);
  });

  it('never loses a backup, whenever the process dies in delete or undelete', async () => {
    const steps = {
      trash: async (store: ManifestStore, id: string) => store.trash(id, week),
      undelete: async (store: ManifestStore, id: string) => store.undelete(id),
    };
    for (const [step, act] of Object.entries(steps)) {
      for (const when of ['before', 'after'] as const) {
        for (const mutation of [1, 2]) {
          const { storage: whole, store, first } = await createStore();
          if (step !== 'trash') await store.trash(first, week);
          const dying = whole.clone();
          dying.dieAt(mutation, when);
          await expect(act(reopen(dying), first)).rejects.toThrow(ProcessDied);
          const after = reopen(dying.revive());
          expect((await after.list()).unreadable).toEqual([]);
          const { state } = await after.load(first);
          if (state === 'trashed') await after.undelete(first);
          else await after.trash(first, week);
          expect((await after.load(first)).state).toBe(state === 'trashed' ? 'live' : 'trashed');
        }
      }
    }
  });

  it('counts a backup that is live too as live, and purges only its record', async () => {
    const { storage, store, first } = await createStore();
    const bytes = storage.bytesOf(`backups/${first}`);
    await store.trash(first, 0);
    storage.setBytes(`backups/${first}`, bytes);
    expect((await store.list()).manifests).toMatchObject([{ state: 'live' }]);
    storage.nowMs += week;
    expect(await store.purgeTrash()).toEqual([]);
    expect([...storage.names('backups/'), ...storage.names('trash/')]).toEqual([`backups/${first}`]);
  });

  it('with a damaged record reports it, keeps it past any deadline, and drops it when it is deleted again', async () => {
    const { storage, store, first } = await createStore();
    await store.trash(first, week);
    for (let bit = 0; bit < storage.bytesOf(`trash/${first}`).length * 8; bit += 11) {
      const changed = storage.clone();
      changed.flipBit(`trash/${first}`, bit);
      const again = reopen(changed);
      expect((await again.list()).unreadable).toMatchObject([{ backupId: first, state: 'trashed' }]);
      changed.nowMs += 10 * week;
      expect(await again.purgeTrash()).toEqual([]);
      await expect(again.undelete(first)).rejects.toEqual(damaged);
      await again.trash(first, week);
      expect(changed.names()).toEqual([]);
    }
  });

  it('shows a backup once while it moves between the listings', async () => {
    const { storage, store, first } = await createStore();
    const mover = reopen(storage.clone());
    for (const direction of ['trash', 'undelete'] as const) {
      for (const at of [1, 2, 3]) {
        const moving = storage.clone();
        if (direction === 'undelete') await reopen(moving).trash(first, week);
        let lists = 0;
        moving.onCall = async ({ method }) => {
          lists += method === 'list' ? 1 : 0;
          if (method !== 'list' || lists !== at) return;
          moving.onCall = undefined;
          if (direction === 'trash') await reopen(moving).trash(first, week);
          else await reopen(moving).undelete(first);
        };
        expect((await reopen(moving).list()).manifests, `${direction} at list ${at}`).toHaveLength(1);
      }
    }
    expect((await mover.list()).manifests).toHaveLength(1);
    expect((await store.list()).manifests).toHaveLength(1);
  });
});

describe('pins', () => {
  const marksOf = (backupId: string): readonly [string, string] => [
    `marks/pin-${backupId}`,
    `marks/pin-${backupId}-copy`,
  ];

  it('come and go', async () => {
    const { storage, first } = await createStore();
    await pinBackup(storage, ring.objectKeys, first);
    await pinBackup(storage, ring.objectKeys, first);
    expect(await listPins(storage, ring.objectKeys)).toEqual({ backupIds: new Set([first]), problems: [] });
    await unpinBackup(storage, first);
    await unpinBackup(storage, first);
    expect(await listPins(storage, ring.objectKeys)).toEqual({ backupIds: new Set(), problems: [] });
  });

  it.each(['damaged', 'missing'])(
    'outlive either mark that is %s, which is named and written anew',
    async (how) => {
      for (const which of [0, 1] as const) {
        const { storage, first } = await createStore();
        await pinBackup(storage, ring.objectKeys, first);
        const name = marksOf(first)[which];
        if (how === 'damaged') storage.flipBit(name, 77);
        else await storage.delete(name);
        const { backupIds, problems } = await listPins(storage, ring.objectKeys);
        expect([...backupIds]).toEqual([first]);
        expect(problems.map(({ path, message }) => [path, message.includes(how)])).toEqual([[name, true]]);
        expect(await repairPins(storage, ring.objectKeys)).toHaveLength(1);
        expect(await repairPins(storage, ring.objectKeys)).toEqual([]);
        expect((await listPins(storage, ring.objectKeys)).problems).toEqual([]);
      }
    },
  );

  it('outlive both marks that are damaged', async () => {
    const { storage, first } = await createStore();
    await pinBackup(storage, ring.objectKeys, first);
    for (const name of marksOf(first)) storage.setBytes(name, Buffer.alloc(0));
    expect([...(await listPins(storage, ring.objectKeys)).backupIds]).toEqual([first]);
  });
});

describe('missing backups', () => {
  it('are named when a manifest is gone, live or in the trash, and not when it was purged', async () => {
    const { storage, store, first } = await createStore([
      createTestManifest(ring.vaultId),
      createTestManifest(ring.vaultId),
    ]);
    expect(await missingBackups(storage)).toEqual([]);
    for (const folder of ['backups', 'trash']) {
      const lossy = storage.clone();
      if (folder === 'trash') await reopen(lossy).trash(first, week);
      lossy.objects.delete(`${folder}/${first}`);
      expect(await missingBackups(lossy)).toEqual([first]);
    }
    await store.trash(first, week);
    storage.nowMs += week;
    await store.purgeTrash();
    expect(await missingBackups(storage)).toEqual([]);
    expect(storage.names('marks/')).toHaveLength(1);
  });

  it('are recorded later when the process died right after the commit, which stands', async () => {
    const dying = new MemoryStorage();
    dying.dieAt(1, 'after');
    const manifest = createTestManifest(ring.vaultId);
    await expect(reopen(dying).commit(manifest)).rejects.toThrow(ProcessDied);
    const storage = dying.revive();
    expect((await reopen(storage).load(manifest.backupId)).state).toBe('live');
    await reopen(storage).purgeTrash();
    expect(storage.names('marks/')).toEqual([`marks/backup-${manifest.backupId}`]);
  });

  it('do not make a commit fail whose record cannot be written', async () => {
    const { storage, store } = await createStore();
    storage.onCall = ({ method, name }) => {
      if (method === 'put' && name.startsWith('marks/')) throw new AppError('failed', 'ENOSPC');
    };
    await store.commit(createTestManifest(ring.vaultId));
    expect((await store.list()).manifests).toHaveLength(2);
  });
});

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pinBackup } from '../../../../main/vault/manifests/pins.ts';
import { DamageList } from '../../../../main/vault/upkeep/damage-list.ts';
import { doomPacks } from '../../../../main/vault/upkeep/doomed-packs.ts';
import {
  backUpFolder,
  collectOpened,
  newCapturedVault,
  verifyOpened,
} from '../../../helpers/captured-vault.ts';
import type { CapturedVault } from '../../../helpers/captured-vault.ts';
import { noise, text } from '../../../helpers/packed-chunks.ts';
import type { MemoryStorage } from '../../../fakes/memory-storage.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

type Whole = CapturedVault & Readonly<{ folder: string; backupId: string; trashed: string }>;

async function wholeVault(): Promise<Whole> {
  const { storage, test } = await newCapturedVault();
  const folder = join(await tempFolder(), 'tree');
  await mkdir(join(folder, 'notes'), { recursive: true });
  await writeFile(join(folder, 'large.bin'), noise(700_000, 1));
  for (let number = 0; number < 30; number += 1) {
    await writeFile(join(folder, 'notes', `note-${number}.txt`), text(900, number));
  }
  const trashed = await backUpFolder(test.vault, folder);
  await writeFile(join(folder, 'notes', 'new.bin'), noise(90_000, 2));
  const backupId = await backUpFolder(test.vault, folder);
  await test.vault.manifests.trash(trashed, 7 * 24 * 3600 * 1000);
  await pinBackup(storage, test.vault.objectKeys, backupId);
  await doomPacks(storage, test.vault.objectKeys, { packs: ['0'.repeat(64)], doomedAtMs: storage.nowMs });
  const list = await DamageList.load(storage, test.vault.objectKeys);
  await list.add({ chunks: [new Uint8Array(32)], packs: [] });
  return { storage, test, folder, backupId, trashed };
}

/** The objects that say something; locks and leases are gone with their owners. */
function objectsOf({ storage }: Whole): readonly string[] {
  return storage.names().filter((name) => !name.startsWith('locks/') && storage.bytesOf(name).length > 0);
}

/** Marks of which nothing else tells that they were there: losing one keeps more than is needed, or is found again. */
const mayBeMissed = /^(?:doomed\/|marks\/damage-)/;

describe('verify with full data', () => {
  it('finds nothing in a whole vault, and says what it has read', async () => {
    const whole = await wholeVault();
    const result = await verifyOpened(await whole.test.reopen());
    expect(result).toMatchObject({ ok: true, damaged: [] });
    const packs = objectsOf(whole).filter((name) => name.startsWith('packs/'));
    expect(result.checkedBytes).toBe(
      packs.reduce((sum, name) => sum + whole.storage.bytesOf(name).length, 0),
    );
    // Both backups hold the large file: it counts once. Small ones may have been cut anew.
    const bytes = 700_000 + 30 * 900 + 90_000;
    expect(result.contentBytes).toBeGreaterThanOrEqual(bytes);
    expect(result.contentBytes).toBeLessThanOrEqual(bytes + 30 * 900);
  });

  it('finds and names any object with a flipped byte, cut off, or gone', async () => {
    const whole = await wholeVault();
    for (const [index, name] of objectsOf(whole).entries()) {
      const bytes = whole.storage.bytesOf(name);
      // Another place of each object, from its first byte to its last.
      const place = Math.floor((bytes.length - 1) * ((index % 5) / 4));
      const changes: [string, () => void][] = [
        [`flipped at ${place}`, () => whole.storage.flipBit(name, place * 8 + (index % 8))],
        ['cut off', () => whole.storage.setBytes(name, bytes.subarray(0, index % 2 === 0 ? -1 : 0))],
      ];
      if (!mayBeMissed.test(name)) changes.push(['gone', () => whole.storage.objects.delete(name)]);
      for (const [what, change] of changes) {
        const { ok, named } = await verifyChanged(whole, change);
        expect(ok, `${name} ${what}`).toBe(false);
        const isNamed = named.some((object) => name.startsWith(object) || object.endsWith(name.slice(-12)));
        expect(isNamed, `${name} ${what}: ${named.join()}`).toBe(true);
      }
    }
  });

  it('finds and names any two objects of a kind that changed places', async () => {
    const whole = await wholeVault();
    const names = objectsOf(whole).filter((name) =>
      /^(?:packs|index|backups|trash|doomed|marks)\//.test(name),
    );
    for (const [index, name] of names.entries()) {
      const other = names[index + 1];
      if (other === undefined) continue;
      const { ok, named } = await verifyChanged(whole, () => {
        const bytes = whole.storage.bytesOf(name);
        whole.storage.setBytes(name, whole.storage.bytesOf(other));
        whole.storage.setBytes(other, bytes);
      });
      expect(ok, `${name} and ${other}`).toBe(false);
      for (const each of [name, other]) {
        expect(
          named.some((object) => each.startsWith(object)),
          `${each}: ${named.join()}`,
        ).toBe(true);
      }
    }
  });

  it('names the backups and sources that need what is damaged, puts it on the list, and the next backup heals it', async () => {
    const whole = await wholeVault();
    const { storage, test, folder, backupId, trashed } = whole;
    const largest = storage
      .names('packs/')
      .toSorted((a, b) => storage.bytesOf(b).length - storage.bytesOf(a).length);
    const [pack = ''] = largest;
    storage.flipBit(pack, 8 * 1000);
    const { damaged, healed } = await verifyOpened(await test.reopen());
    const found = damaged.find(({ object }) => object === pack);
    expect(found?.backups).toEqual([backupId, trashed].toSorted());
    expect(found?.sources).toEqual(['memory/agent-echo-workspace']);
    expect([...healed.chunks]).toEqual([]);
    const structure = await verifyOpened(await test.reopen(), { data: 'none' });
    expect(structure.damaged.map(({ object }) => object)).toContain(pack);

    const vault = await test.reopen();
    await backUpFolder(vault, folder);
    expect(await collectOpened(vault, storage)).toMatchObject({ deletedPacks: 0 });
    storage.nowMs += 25 * 3600 * 1000;
    expect(await collectOpened(vault, storage)).toMatchObject({ deletedPacks: expect.any(Number) });
    expect((await verifyOpened(await test.reopen())).damaged).toEqual([]);
  });

  it('leaves a list of damage that can be rebuilt, and the next writer repairs header and keys', async () => {
    const { storage, test } = await wholeVault();
    const [list = ''] = storage.names('marks/damage-');
    storage.flipBit(list, 99);
    storage.objects.delete('vault.json');
    storage.flipBit('keys/00000001-copy', 99);
    const vault = await test.reopen();
    expect(await verifyOpened(vault)).toMatchObject({ ok: false, isListRebuilt: true });
    expect(await verifyOpened(vault, { data: 'none' })).toMatchObject({ ok: false, isListRebuilt: false });
    {
      await using writer = await vault.openWriter('verify');
      await writer.damage.rewrite();
    }
    expect((await verifyOpened(await test.reopen())).damaged).toEqual([]);
    expect(test.notes.map(({ path }) => path)).toEqual(['vault.json', 'keys/00000001-copy', list]);
  });

  it('of one backup reads only what that one needs', async () => {
    const { storage, test, backupId } = await wholeVault();
    const other = await tempFolder();
    await writeFile(join(other, 'other.bin'), noise(400_000, 5));
    const before = storage.names('packs/');
    await backUpFolder(test.vault, other);
    const added = storage.names('packs/').filter((name) => !before.includes(name));
    for (const name of added) storage.flipBit(name, 800);
    expect(await verifyOpened(await test.reopen(), { backupIds: [backupId] })).toMatchObject({ ok: true });
    expect(await verifyOpened(await test.reopen())).toMatchObject({ ok: false });
    const unknown = verifyOpened(await test.reopen(), { backupIds: ['0'.repeat(12)] });
    await expect(unknown).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('collect on a real vault', () => {
  it('deletes what a deleted backup alone needed, rewrites thin packs, and what is left verifies in full', async () => {
    const { storage, test } = await newCapturedVault();
    const folder = join(await tempFolder(), 'tree');
    await mkdir(folder);
    await writeFile(join(folder, 'stays.bin'), noise(300_000, 1));
    await writeFile(join(folder, 'goes.bin'), noise(1_200_000, 2));
    const old = await backUpFolder(test.vault, folder);
    await rm(join(folder, 'goes.bin'));
    await backUpFolder(test.vault, folder);
    const bytes = (): number =>
      storage.names('packs/').reduce((sum, name) => sum + storage.bytesOf(name).length, 0);
    const before = bytes();
    await test.vault.manifests.trash(old, 0);
    const vault = await test.reopen();
    const first = await collectOpened(vault, storage, { immediate: true });
    expect(first).toMatchObject({ purgedBackups: [old], deletedPacks: 0, repackedPacks: 1 });
    const reader = await vault.openReader('restore');
    await collectOpened(vault, storage, { immediate: true });
    expect(bytes()).toBeLessThan(before - 1_000_000);
    const { manifests } = await vault.listManifests();
    for (const source of manifests[0]?.manifest.sources ?? []) {
      if (source.listing !== undefined) expect(await reader.openListing(source.listing)).toBeDefined();
    }
    await reader[Symbol.asyncDispose]();
    // By whoever collected, by whoever had the vault open meanwhile, and by whoever opens it now.
    for (const opened of [vault, test.vault, await test.reopen()]) {
      expect((await verifyOpened(opened)).damaged).toEqual([]);
    }
  });
});

describe('a pack of another size', () => {
  const day = 25 * 3600 * 1000;
  const cutOff = (storage: MemoryStorage, name: string): void =>
    storage.setBytes(name, storage.bytesOf(name).subarray(0, -5000));
  const largestPack = (storage: MemoryStorage, among = storage.names('packs/')): string =>
    among.toSorted((a, b) => storage.bytesOf(b).length - storage.bytesOf(a).length)[0] ?? '';

  it('is named though it waits to be deleted, and deleted all the same', async () => {
    const { storage, test } = await newCapturedVault();
    const folder = join(await tempFolder(), 'tree');
    await mkdir(folder);
    await writeFile(join(folder, 'goes.bin'), noise(900_000, 2));
    const old = await backUpFolder(test.vault, folder);
    const doomed = largestPack(storage);
    await writeFile(join(folder, 'goes.bin'), noise(300_000, 3));
    await backUpFolder(test.vault, folder);
    await test.vault.manifests.trash(old, 0);
    expect(await collectOpened(test.vault, storage)).toMatchObject({ purgedBackups: [old] });
    cutOff(storage, doomed);
    for (const opened of [test.vault, await test.reopen()]) {
      const { damaged } = await verifyOpened(opened);
      expect(damaged.map(({ object, backups }) => [object, backups])).toEqual([[doomed, []]]);
    }
    storage.nowMs += day;
    await collectOpened(await test.reopen(), storage);
    expect(storage.names('packs/')).not.toContain(doomed);
    expect((await verifyOpened(await test.reopen())).damaged).toEqual([]);
  });

  it('goes by the collection once its content is stored anew', async () => {
    const { storage, test } = await newCapturedVault();
    const folder = join(await tempFolder(), 'tree');
    await mkdir(folder);
    await writeFile(join(folder, 'stays.bin'), noise(900_000, 2));
    await backUpFolder(test.vault, folder);
    const cut = largestPack(storage);
    cutOff(storage, cut);
    expect((await verifyOpened(await test.reopen())).damaged.map(({ object }) => object)).toContain(cut);
    await backUpFolder(await test.reopen(), folder);
    for (let run = 0; run < 2; run += 1) {
      storage.nowMs += day;
      await collectOpened(await test.reopen(), storage);
    }
    expect(storage.names('packs/')).not.toContain(cut);
    expect((await verifyOpened(await test.reopen())).damaged).toEqual([]);
  });
});

/** What a verify says while the change stands. */
async function verifyChanged(
  { storage, test }: Whole,
  change: () => void,
): Promise<Readonly<{ ok: boolean; named: readonly string[] }>> {
  const before = new Map(storage.objects);
  change();
  const { ok, damaged } = await verifyOpened(await test.reopen());
  storage.objects.clear();
  for (const [name, stored] of before) storage.objects.set(name, stored);
  return { ok, named: damaged.map(({ object }) => object) };
}

import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { deleteBackup } from '../../../main/backup/keep-backups.ts';
import { pruneBackups } from '../../../main/backup/retention/prune.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import { writeSealed } from '../../../main/vault/format/sealed-file.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { Trigger } from '../../../shared/model/trigger.ts';
import { buildListing } from '../../fakes/built-listing.ts';
import { fileEntry, folderEntry } from '../../fakes/entries.ts';
import { MemoryChunks } from '../../fakes/memory-chunks.ts';
import { backedUp, echoVolume, inPlace } from '../../helpers/tiny-backup.ts';
import { quietly, tinyInstall, tinyKey } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';
import { commitHostile, evilFile } from '../hostile/hostile-vault.ts';

const dayMs = 24 * 60 * 60 * 1000;
const newestTwo = { newest: 2, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 365 };

async function madeDaysAgo(
  context: ServiceContext,
  days: number,
  trigger: Trigger = 'manual',
): Promise<string> {
  const then = { ...context, now: () => Date.now() - days * dayMs };
  return (await createBackup(then, { trigger, only: ['config'] }, quietly)).backupId;
}

async function liveIds({ vault }: ServiceContext): Promise<readonly string[]> {
  const { manifests } = await vault.listManifests();
  return manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest.backupId);
}

/** The same install with other rules of retention. */
function keeping({ context }: TinyInstall): ServiceContext {
  return { ...context, settings: { ...context.settings, retention: newestTwo } };
}

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.map((name) => path.join(folder, name)).filter((file) => statSync(file).isFile());
}

describe('a vault with a manifest that is cut off', () => {
  it('T8: is listed, backed up to and pruned like any other, and the manifest is named', async () => {
    const tiny = await tinyInstall();
    const context = keeping(tiny);
    const [oldest, cut, older] = [
      await madeDaysAgo(tiny.context, 4),
      await madeDaysAgo(tiny.context, 3),
      await madeDaysAgo(tiny.context, 2),
    ];
    truncateSync(path.join(tiny.vaultFolder, 'backups', cut), 300);
    expect(await liveIds(context)).toEqual([older, oldest]);
    // Its own retention lets the oldest go.
    const newest = await madeDaysAgo(context, 0);
    expect(await liveIds(context)).toEqual([newest, older]);
    const { pruned } = await pruneBackups(context, { dryRun: false, confirmed: true }, quietly);
    expect(pruned).toEqual([]);
    const { unreadable } = await context.vault.listManifests();
    expect(unreadable.map(({ backupId }) => backupId)).toEqual([cut]);
    await deleteBackup(context, cut, quietly);
    expect(await liveIds(context)).toEqual([newest, older]);
  });
});

describe('retention', () => {
  it('T11: counts no safety backup, so that they push out nothing and are not pruned themselves', async () => {
    const context = keeping(await tinyInstall());
    const good = [await madeDaysAgo(context, 3), await madeDaysAgo(context, 2)];
    const safety: string[] = [];
    for (let number = 0; number < 4; number += 1) safety.push(await madeDaysAgo(context, 1, 'pre_migration'));
    const { pruned } = await pruneBackups(context, { dryRun: false, confirmed: true }, quietly);
    expect(pruned).toEqual([]);
    expect((await liveIds(context)).toSorted()).toEqual([...good, ...safety].toSorted());
    const newest = await madeDaysAgo(context, 0);
    await pruneBackups(context, { dryRun: false, confirmed: true }, quietly);
    expect((await liveIds(context)).toSorted()).toEqual([newest, ...good.slice(1), ...safety].toSorted());
  });
});

describe('the checksum of a source', () => {
  it('T17: differs when a byte moves from one file to the next, or to another name', async () => {
    const chunks = new MemoryChunks();
    const content = { id: await chunks.add(Buffer.from('xyz')), length: 3 };
    const checksumOf = async (names: readonly [string, string], border: number): Promise<string> => {
      const [first, second] = names;
      const entries = [
        folderEntry(''),
        fileEntry(first, { extents: [{ chunk: 0, offset: 0, length: border }] }),
        fileEntry(second, { extents: [{ chunk: 0, offset: border, length: 3 - border }] }),
      ];
      return (await buildListing(chunks, entries, [content])).checksum;
    };
    const checksums = [
      await checksumOf(['a', 'b'], 1),
      await checksumOf(['a', 'b'], 2),
      await checksumOf(['a', 'manifest.json'], 1),
      await checksumOf(['ab', 'b'], 1),
    ];
    expect(new Set(checksums).size).toBe(checksums.length);
    expect(await checksumOf(['a', 'b'], 1)).toBe(checksums[0]);
  });

  it('T17: is checked before a restore, and a listing that is not the one is refused', async () => {
    const { tiny, backupId } = await backedUp();
    const { manifest } = await tiny.vault.loadManifest(backupId);
    const [first, second] = manifest.sources.filter(({ component }) => component === 'memory');
    // Whole and sealed, but the listing of another volume.
    const exchanged = manifest.sources.map((source) => {
      if (source === first && source.listing !== undefined && second?.listing !== undefined)
        return { ...source, listing: { ...second.listing, checksum: source.listing.checksum } };
      return source;
    });
    const forged: Manifest = { ...manifest, sources: exchanged };
    const object = { storage: tiny.vault.storage, keys: tiny.vault.objectKeys, type: 'manifest' } as const;
    await writeSealed({ ...object, name: `backups/${backupId}` }, Buffer.from(JSON.stringify(forged)));
    const restored = restoreBackup(tiny.context, inPlace(backupId, { only: ['memory'] }), quietly);
    await expect(restored).rejects.toMatchObject({ name: 'AppError', kind: 'damaged' });
  });

  it('T17: has no blind spot: wrong content is found whatever its file is called', async () => {
    const tiny = await tinyInstall();
    for (const name of ['manifest.json', 'vault.json', 'CLAUDE.md']) {
      const file = { ...evilFile(name), crc32: 1 };
      const backupId = await commitHostile(tiny, [
        { component: 'memory', volume: echoVolume, entries: [file] },
      ]);
      const { damaged } = await verifyVault(tiny.context, { backupId, data: 'full' }, quietly);
      expect(damaged.map(({ object }) => object)).toEqual([`file ${name}`]);
      const restored = restoreBackup(tiny.context, inPlace(backupId), quietly);
      await expect(restored).rejects.toMatchObject({ kind: 'damaged', details: { files: [name] } });
    }
  });
});

describe('what lies in a vault', () => {
  it('T18: can be read by nobody else, in words or by its mode', async () => {
    const { tiny } = await backedUp();
    const words = [
      tinyKey,
      'notes of agent-echo-workspace',
      'CLAUDE.md',
      'agent-echo',
      'message 17',
      tiny.folder,
    ];
    for (const file of filesIn(tiny.vaultFolder)) {
      const content = readFileSync(file);
      expect([file, words.filter((word) => content.includes(word))]).toEqual([file, []]);
      expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(statSync(tiny.vaultFolder).mode & 0o777).toBe(0o700);
  });
});

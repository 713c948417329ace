import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { collectGarbage } from '../../../../main/backup/collect-service.ts';
import { lastCopies } from '../../../../main/backup/retention/last-copies.ts';
import { goingByRules, pruneBackups } from '../../../../main/backup/retention/prune.ts';
import type { ServiceContext } from '../../../../main/backup/services.ts';
import { backupSettings } from '../../../../shared/model/settings.ts';
import { quietly, tinyInstall } from '../../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../../helpers/tiny-install.ts';

const dayMs = 24 * 60 * 60 * 1000;
const rules = { newest: 1, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 365 };
const settings = backupSettings.parse({ retention: rules, trashDays: 1 });

async function backUp({ context }: TinyInstall, ageDays: number): Promise<string> {
  const then = { ...context, now: () => Date.now() - ageDays * dayMs };
  return (await createBackup(then, { trigger: 'manual', only: ['files'] }, quietly)).backupId;
}

function change({ data }: TinyInstall, name: string, size: number): void {
  writeFileSync(path.join(data, 'agent-files', name), randomBytes(size));
}

function packBytes({ vaultFolder }: TinyInstall): number {
  const files = readdirSync(path.join(vaultFolder, 'packs'), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0);
}

/** Rules that keep the newest alone; only three backups are needed, of which two go by a confirmed prune. */
async function threeBackups(): Promise<
  Readonly<{ tiny: TinyInstall; strict: ServiceContext; ids: readonly string[] }>
> {
  const tiny = await tinyInstall();
  const ids: string[] = [];
  change(tiny, 'stays.bin', 300_000);
  change(tiny, 'old.bin', 400_000);
  ids.push(await backUp(tiny, 3));
  rmSync(path.join(tiny.data, 'agent-files/old.bin'));
  change(tiny, 'middle.bin', 500_000);
  change(tiny, 'both.bin', 600_000);
  ids.push(await backUp(tiny, 2));
  rmSync(path.join(tiny.data, 'agent-files/middle.bin'));
  ids.push(await backUp(tiny, 1));
  return { tiny, strict: { ...tiny.context, settings }, ids };
}

describe('the preview of retention', () => {
  it('tells the bytes that collecting really gives back', async () => {
    const { tiny, strict, ids } = await threeBackups();
    const preview = await pruneBackups(strict, { dryRun: true, confirmed: false }, quietly);
    expect(preview.pruned.map(({ backupId }) => backupId)).toEqual([ids[1], ids[0]]);
    const [middle = 0, old = 0] = preview.pruned.map(({ bytesFreed }) => bytesFreed);
    expect(middle).toBeGreaterThan(500_000);
    expect(middle).toBeLessThan(600_000);
    expect(old).toBeGreaterThan(400_000);
    expect(old).toBeLessThan(500_000);
    expect(preview.bytesFreed).toBe(middle + old);

    const before = packBytes(tiny);
    await pruneBackups(strict, { dryRun: false, confirmed: true }, quietly);
    for (const backupId of ids.slice(0, 2)) {
      // Out of the trash at once: what a delete in the trash does.
      await using writer = await tiny.vault.openWriter('test');
      await writer.undelete(backupId);
      await writer.trash(backupId, 0);
    }
    for (let run = 0; run < 4; run += 1) await collectGarbage(strict, quietly);
    const freed = before - packBytes(tiny);
    expect(freed / (middle + old)).toBeGreaterThan(0.9);
    expect(freed / (middle + old)).toBeLessThan(1.1);
  });

  it('tries rules that are not set yet, and changes nothing', async () => {
    const { tiny, strict, ids } = await threeBackups();
    const preview = await pruneBackups(
      strict,
      { dryRun: true, confirmed: false, rules: { ...rules, newest: 2 } },
      quietly,
    );
    expect(preview.pruned.map(({ backupId }) => backupId)).toEqual([ids[0]]);
    const { manifests } = await tiny.vault.listManifests();
    expect(manifests.every(({ state }) => state === 'live')).toBe(true);
  });

  it('says that it cannot tell the bytes while a backup does not open', async () => {
    const { tiny, strict } = await threeBackups();
    writeFileSync(path.join(tiny.vaultFolder, 'backups', '0'.repeat(12)), 'no manifest');
    const preview = await pruneBackups(strict, { dryRun: true, confirmed: false }, quietly);
    expect(preview).toMatchObject({ bytesFreed: null, kept: 1 });
  });
});

describe('lastCopies', () => {
  it('names the files that no backup that stays holds as they are there', async () => {
    const { strict, ids } = await threeBackups();
    const names = async (id: string | undefined, going: ReadonlySet<string>): Promise<readonly string[]> => {
      const { files, count, bytes } = await lastCopies(strict, id ?? '', going, quietly);
      expect([count, bytes]).toEqual([files.length, files.reduce((sum, { size }) => sum + size, 0)]);
      return files.map((file) => file.path);
    };
    const going = await goingByRules(strict, undefined);
    expect(await names(ids[0], going)).toEqual(['agent-files/old.bin']);
    expect(await names(ids[1], going)).toEqual(['agent-files/middle.bin']);
    expect(await names(ids[2], going)).toContain('agent-files/both.bin');
    expect(await names(ids[2], new Set())).toEqual([]);
  });

  it('counts a changed file as lost, and everything of the only backup of a source', async () => {
    const tiny = await tinyInstall();
    change(tiny, 'report.txt', 5000);
    const first = await backUp(tiny, 2);
    const only = await lastCopies(tiny.context, first, new Set(), quietly);
    expect(only.count).toBeGreaterThan(1);
    change(tiny, 'report.txt', 5000);
    await backUp(tiny, 1);
    const changed = await lastCopies(tiny.context, first, new Set(), quietly);
    expect(changed).toMatchObject({ count: 1, bytes: 5000, files: [{ path: 'agent-files/report.txt' }] });
    await expect(lastCopies(tiny.context, 'nonsense', new Set(), quietly)).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});

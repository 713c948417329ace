import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectWhenDue } from '../../../main/app/collect-when-due.ts';
import { Engine } from '../../../main/app/engine.ts';
import { openHome } from '../../../main/app/home/home.ts';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { quietly, tinyInstall } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';

const nothing = { warnings: [], notes: [] };
const options = { ...quietly, onProgress: () => undefined };

/** A home whose history is empty, as that of a machine whose catalog was deleted. */
async function newEngine(): Promise<Engine> {
  return new Engine(await openHome(await tempFolder()));
}

/** Two backups; the first is in the trash, and its days there are over. */
async function withTrash(): Promise<Readonly<{ tiny: TinyInstall; context: ServiceContext }>> {
  const tiny = await tinyInstall();
  const request = { trigger: 'manual', only: ['files'] } as const;
  const { backupId } = await createBackup(tiny.context, request, quietly);
  writeFileSync(path.join(tiny.data, 'new-file'), 'new');
  await createBackup(tiny.context, { trigger: 'manual', only: ['config'] }, quietly);
  await using writer = await tiny.vault.openWriter('test');
  await writer.trash(backupId, 0);
  return { tiny, context: { ...tiny.context, settings: { ...tiny.context.settings, trashDays: 0 } } };
}

describe('collectWhenDue', () => {
  it('marks what is superfluous on one day and deletes it on another', async () => {
    const { context } = await withTrash();
    await using engine = await newEngine();
    expect(await collectWhenDue(engine, context, options)).toEqual(nothing);
    expect((await engine.catalog()).runs(9, 'collect')).toHaveLength(1);
    expect(await collectWhenDue(engine, context, options)).toEqual(nothing);
    expect((await engine.catalog()).runs(9, 'collect')).toHaveLength(1);
    await using nextDay = await newEngine();
    expect(await collectWhenDue(nextDay, context, options)).toMatchObject({
      warnings: [],
      notes: [{ code: 'collected' }],
    });
  });

  it('does not look into listings while nothing is due', async () => {
    const { tiny } = await withTrash();
    await using engine = await newEngine();
    expect(await collectWhenDue(engine, tiny.context, options)).toEqual(nothing);
    expect((await engine.catalog()).runs(9, 'collect')).toEqual([]);
  });

  it('warns once a day of what stands in its way, and fails no backup', async () => {
    const { tiny, context } = await withTrash();
    writeFileSync(path.join(tiny.vaultFolder, 'backups', '0'.repeat(12)), 'no manifest');
    await using engine = await newEngine();
    expect(await collectWhenDue(engine, context, options)).toMatchObject({
      warnings: [{ code: 'collect-failed', message: expect.stringContaining('0'.repeat(12)) }],
    });
    expect(await collectWhenDue(engine, context, options)).toEqual(nothing);
  });
});

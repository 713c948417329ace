import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { collectGarbage } from '../../../main/backup/collect-service.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { noise } from '../../helpers/packed-chunks.ts';
import { quietly, volumeData } from '../../helpers/tiny-install.ts';
import { damageLab, flip, mend, objectFile, objectNames, reopened, verify } from './damage-lab.ts';
import type { DamageLab } from './damage-lab.ts';

const timeout = 600_000;

/** All objects but the locks, whose names change with each run. */
function stored(lab: DamageLab): readonly string[] {
  return objectNames(lab).filter((name) => !name.startsWith('locks/'));
}

/** A backup of a file that is gone when the next is made, and the packs that only its run wrote. */
async function backupOfPassingContent(
  lab: DamageLab,
): Promise<Readonly<{ backupId: string; packs: readonly string[] }>> {
  const backUp = async (): Promise<string> =>
    (await createBackup(await reopened(lab), { trigger: 'manual' }, quietly)).backupId;
  const file = path.join(volumeData(lab.tiny, 'agent-echo-workspace'), 'passing.bin');
  const before = objectNames(lab);
  writeFileSync(file, noise(300_000, 7));
  const backupId = await backUp();
  const packs = objectNames(lab).filter((name) => name.startsWith('packs/') && !before.includes(name));
  rmSync(file);
  await backUp();
  return { backupId, packs };
}

describe('collect', { timeout }, () => {
  it('T8: deletes nothing while a manifest cannot be read, live or in the trash, and says which', async () => {
    const lab = await damageLab();
    const manifests = objectNames(lab).filter((name) => /^(?:backups|trash)\//u.test(name));
    const damages = [
      (name: string): void => flip(lab, name, 200),
      (name: string): void => truncateSync(objectFile(lab, name), 100),
      (name: string): void => truncateSync(objectFile(lab, name), 0),
      (name: string): void => rmSync(objectFile(lab, name)),
    ];
    for (const [index, name] of manifests.entries()) {
      for (const damage of index === 0 ? damages : damages.slice(0, 1)) {
        mend(lab);
        damage(name);
        const before = stored(lab);
        for (let run = 0; run < 2; run += 1) {
          const error = await rejectionOf(collectGarbage(await reopened(lab), quietly));
          expect(error).toMatchObject({
            name: 'AppError',
            kind: 'damaged',
            details: { backupId: name.slice(-12) },
          });
        }
        expect(stored(lab)).toEqual(before);
      }
    }
  });

  it('deletes nothing that a reader with an older index needs, until the reader has ended', async () => {
    const lab = await damageLab();
    const { backupId, packs } = await backupOfPassingContent(lab);
    const reading = await reopened(lab);
    const reader = await reading.vault.openReader('restore');
    const { manifest } = await reading.vault.loadManifest(backupId);
    // Its backup goes, for good, while it reads.
    const writing = await reopened(lab);
    await using writer = await writing.vault.openWriter('delete');
    await writer.trash(backupId, 0);
    await writer[Symbol.asyncDispose]();
    for (let run = 0; run < 3; run += 1) await collectGarbage(await reopened(lab), quietly);
    let chunks = 0;
    for (const { listing } of manifest.sources) {
      if (listing === undefined) continue;
      const ids: Uint8Array[] = [];
      for await (const id of (await reader.openListing(listing)).allChunks()) ids.push(Uint8Array.from(id));
      for await (const chunk of reader.chunks.readMany(ids)) chunks += chunk.length > 0 ? 1 : 0;
    }
    expect(chunks).toBeGreaterThan(5);
    await reader[Symbol.asyncDispose]();
    for (let run = 0; run < 2; run += 1) await collectGarbage(await reopened(lab), quietly);
    // It was garbage indeed.
    expect(objectNames(lab).filter((name) => packs.includes(name)).length).toBeLessThan(packs.length);
    expect(await verify(await reopened(lab))).toMatchObject({ ok: true });
  });
});

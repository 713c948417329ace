import {
  appendFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { CrashLab } from '../crash/crash-lab.ts';
import { damageLab, flip, mend, objectBytes, objectFile, objectNames, reopened } from './damage-lab.ts';

const timeout = 600_000;
const listed = z.array(z.object({ backupId: z.string(), damaged: z.boolean() }));
const damage = z.object({ ok: z.boolean(), damaged: z.array(z.object({ object: z.string() })) });

/** Spoils the largest object of a vault, where the data lies; gives its name. */
function spoilLargestPack({ vaultFolder }: CrashLab): string {
  const names = readdirSync(vaultFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^packs\/..\/./u.test(name))
    .toSorted((one, other) => sizeOf(other) - sizeOf(one));
  const [name = ''] = names;
  const file = path.join(vaultFolder, name);
  const bytes = readFileSync(file);
  bytes.fill(0, bytes.length / 4, bytes.length / 2);
  writeFileSync(file, bytes);
  return name;

  function sizeOf(each: string): number {
    return statSync(path.join(vaultFolder, each)).size;
  }
}

function changeLiveFiles({ places: { volumes } }: CrashLab): void {
  const names = readdirSync(volumes, { recursive: true, encoding: 'utf8' });
  const files = names.map((name) => path.join(volumes, name));
  for (const file of files.filter((each) => lstatSync(each).isFile())) appendFileSync(file, 'changed');
}

describe('the command, on a damaged vault', { timeout }, () => {
  it('names the damage with exit code 6, and restores nothing wrong', async () => {
    const lab = new CrashLab(await tempFolder());
    await lab.setUp();
    const backupId = await lab.backUp();
    // What is live as it was backed up needs nothing of the vault to be restored.
    changeLiveFiles(lab);
    const live = lab.liveDigest();
    const name = spoilLargestPack(lab);
    const verified = await lab.run(['verify', '--data', 'full']);
    expect(verified.code).toBe(6);
    const { ok, damaged } = damage.parse(JSON.parse(verified.stdout));
    expect([ok, damaged.map(({ object }) => object)]).toEqual([false, expect.arrayContaining([name])]);
    const target = path.join(lab.folder, 'target');
    const inPlace = await lab.run(['restore', backupId, '--confirm']);
    expect([inPlace.code, inPlace.stdout]).toEqual([6, '']);
    expect(inPlace.stderr).toMatch(/"kind":"damaged"/u);
    expect(lab.liveDigest()).toBe(live);
    expect(lab.leftovers()).toEqual([]);
    // What is whole can still be taken out, with a word on what is not.
    const taken = await lab.run(['restore', backupId, '--to', target]);
    expect(taken.code).toBe(6);
    expect(taken.stdout).toMatch(/"code": "damaged"/u);
    expect(existsSync(path.join(target, 'config/.env'))).toBe(true);
  });
});

describe('the list of backups', { timeout }, () => {
  it('marks those in which a check found damage, until a backup has stored anew what was damaged', async () => {
    const lab = new CrashLab(await tempFolder());
    await lab.setUp();
    const backupId = await lab.backUp();
    const marked = async (): Promise<unknown> => {
      const { stdout } = await lab.run(['list']);
      return listed.parse(JSON.parse(stdout)).map(({ backupId: id, damaged }) => [id, damaged]);
    };
    expect(await marked()).toEqual([[backupId, false]]);
    spoilLargestPack(lab);
    await lab.run(['verify', '--data', 'full']);
    expect(await marked()).toEqual([[backupId, true]]);
    const next = await lab.backUp();
    const healed = [
      [next, false],
      [backupId, false],
    ];
    expect(await marked()).toEqual(healed);
    // The damaged pack is there until it is collected, but nothing needs it any more.
    await lab.run(['verify', '--data', 'full']);
    expect(await marked()).toEqual(healed);
  });
});

describe('a record of the writer lock that nobody can read', { timeout }, () => {
  it('keeps writers away for five minutes, and no longer', async () => {
    const lab = await damageLab();
    const [name = ''] = objectNames(lab).filter((each) => each.startsWith('locks/writer-'));
    const damages = [
      () => flip(lab, name, Math.floor(objectBytes(lab, name).length / 2)),
      () => truncateSync(objectFile(lab, name), 0),
    ];
    for (const apply of damages) {
      mend(lab);
      apply();
      const backUp = async (): Promise<unknown> =>
        await createBackup(await reopened(lab), { trigger: 'manual', only: ['config'] }, quietly);
      expect(await rejectionOf(backUp())).toMatchObject({ name: 'AppError', kind: 'busy' });
      const before = new Date(Date.now() - 6 * 60_000);
      utimesSync(objectFile(lab, name), before, before);
      expect(await backUp()).toMatchObject({ incomplete: false });
    }
  });
});

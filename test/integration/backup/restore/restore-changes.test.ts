import fs from 'node:fs';
import { appendFile, chmod, link, mkdir, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import type { RestoreOutcome } from '../../../../main/backup/services.ts';
import { setXattr } from '../../../../main/platform/libc.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { backedUp, echoVolume, inPlace } from '../../../helpers/tiny-backup.ts';
import { quietly, volumeData } from '../../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../../helpers/tiny-install.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

const others = ['content/zero', 'content/big.bin', '.ssh/id', 'dangling'];

type Scene = Readonly<{ tiny: TinyInstall; backupId: string; data: string }>;

async function scene(): Promise<Scene> {
  const { tiny, backupId } = await backedUp();
  return { tiny, backupId, data: volumeData(tiny, echoVolume) };
}

async function restoreEcho({ tiny, backupId }: Scene): Promise<RestoreOutcome> {
  return await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'] }), quietly);
}

/** Inode and time of change: whoever writes, renames or links a file moves one of them. */
function marksOf(data: string, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const { ino, ctimeNs } = fs.lstatSync(path.join(data, name), { bigint: true });
    return `${String(ino)} ${String(ctimeNs)}`;
  });
}

const changes: Readonly<Record<string, (data: string) => Promise<void>>> = {
  'what was changed, added, removed and linked elsewhere': async (data) => {
    const file = path.join(data, 'CLAUDE.md');
    const { atime, mtime, size } = fs.statSync(file);
    await writeFile(file, 'x'.repeat(size));
    // Only reading tells.
    await utimes(file, atime, mtime);
    await writeFile(path.join(data, 'content/new'), 'new');
    await mkdir(path.join(data, 'new/deep'), { recursive: true });
    await writeFile(path.join(data, 'new/deep/file'), 'new');
    await rm(path.join(data, 'empty'), { recursive: true });
    await unlink(path.join(data, 'relative'));
    fs.symlinkSync('/etc/passwd', path.join(data, 'relative'));
  },
  'files and folders in place of one another': async (data) => {
    await rm(path.join(data, 'empty'), { recursive: true });
    await writeFile(path.join(data, 'empty'), 'no folder');
    await unlink(path.join(data, 'CLAUDE.md'));
    await mkdir(path.join(data, 'CLAUDE.md/deep'), { recursive: true });
  },
  'modes and attributes of files, folders and the root, and a name too many': async (data) => {
    await chmod(path.join(data, 'empty'), 0o711);
    await chmod(data, 0o700);
    setXattr(path.join(data, 'empty'), Buffer.from('user.new'), Buffer.from('new'));
    await link(path.join(data, 'CLAUDE.md'), path.join(data, 'third'));
  },
  'names of one file that became two files': async (data) => {
    const content = await readFile(path.join(data, 'CLAUDE.md'));
    const { atime, mtime } = fs.statSync(path.join(data, 'CLAUDE.md'));
    await unlink(path.join(data, 'content/again.md'));
    await writeFile(path.join(data, 'content/again.md'), content);
    await utimes(path.join(data, 'content/again.md'), atime, mtime);
  },
};

describe('a restore over a live tree', () => {
  it.each(Object.entries(changes))('brings back %s, and touches no other file', async (_, change) => {
    const there = await scene();
    const { data } = there;
    // What stays is no difference.
    const isLeftOut = (name: string): boolean => name.startsWith('.cache');
    const before = snapshotTree(data, isLeftOut);
    await change(data);
    const changed = snapshotTree(data, isLeftOut);
    expect(changed).not.toEqual(before);
    const marks = marksOf(data, others);
    const { safetyBackupId, warnings } = await restoreEcho(there);
    expect(warnings).toEqual([]);
    expect(snapshotTree(data, isLeftOut)).toEqual(before);
    expect(marksOf(data, others)).toEqual(marks);
    expect(await readFile(path.join(data, '.cache/rebuilt'), 'utf8')).toBe('rebuildable');
    await restoreBackup(there.tiny.context, inPlace(safetyBackupId ?? ''), quietly);
    expect(snapshotTree(data, isLeftOut)).toEqual(changed);
  });

  it('writes nothing at all, when nothing differs', async () => {
    const there = await scene();
    const { data } = there;
    const marks = marksOf(data, ['CLAUDE.md', 'content/again.md', ...others]);
    await restoreEcho(there);
    expect(marksOf(data, ['CLAUDE.md', 'content/again.md', ...others])).toEqual(marks);
    expect(fs.readdirSync(path.dirname(data)).toSorted()).toEqual(['_data', 'meta.json']);
  });

  it.each<readonly [string, (data: string) => void]>([
    ['changes a file', (data) => fs.appendFileSync(path.join(data, '.ssh/id'), 'x')],
    ['adds a file', (data) => fs.writeFileSync(path.join(data, 'content/appeared'), 'x')],
    ['removes a file', (data) => fs.unlinkSync(path.join(data, 'content/zero'))],
  ])('swaps the tree as one, when somebody %s before the swap', async (_, write) => {
    const { tiny, backupId, data } = await scene();
    const before = snapshotTree(data);
    await appendFile(path.join(data, 'CLAUDE.md'), 'since');
    const { ino } = fs.statSync(data);
    let written: unknown;
    const beforeStep = (step: string): void => {
      if (step !== 'saved' || written !== undefined) return;
      write(data);
      written = snapshotTree(data);
    };
    const request = inPlace(backupId, { agents: ['echo'] });
    const { safetyBackupId } = await restoreBackup(tiny.context, request, quietly, { beforeStep });
    expect(snapshotTree(data)).toEqual(before);
    expect(fs.statSync(data).ino).not.toBe(ino);
    await restoreBackup(tiny.context, inPlace(safetyBackupId ?? ''), quietly);
    expect(snapshotTree(data)).toEqual(written);
  });

  it.each<readonly [string, (data: string) => void]>([
    ['takes the name of what goes', () => undefined],
    [
      'changes places with what goes',
      (data) => fs.renameSync(path.join(data, 'gone'), path.join(data, 'content')),
    ],
  ])('loses no folder that %s in the last moment', async (_, move) => {
    const { tiny, backupId, data } = await scene();
    const before = snapshotTree(data);
    const extra = path.join(data, 'content-aside');
    await mkdir(extra);
    await writeFile(path.join(extra, 'draft'), 'live only');
    const steps: string[] = [];
    const beforeStep = (step: string): void => {
      steps.push(step);
      if (step !== 'prepared' || steps.indexOf(step) !== steps.length - 1) return;
      fs.renameSync(extra, path.join(data, 'gone'));
      fs.renameSync(path.join(data, 'content'), extra);
      move(data);
    };
    const request = inPlace(backupId, { agents: ['echo'] });
    await restoreBackup(tiny.context, request, quietly, { beforeStep });
    expect(snapshotTree(data)).toEqual(before);
    // First the changes alone, then the tree as one.
    expect(steps.filter((step) => step === 'prepared')).toHaveLength(2);
  });

  it.each<readonly [string, string]>([
    ['beside it', '.cache'],
    ['elsewhere', 'content/node_modules/.cache'],
  ])(
    'loses nothing that is in no backup and lies %s, when it takes the name of what goes',
    async (_, kept) => {
      const { tiny, data } = await scene();
      await mkdir(path.join(data, kept), { recursive: true });
      await writeFile(path.join(data, kept, 'alone'), 'in no backup');
      const { backupId } = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
      const extra = path.join(data, 'extra');
      await mkdir(extra);
      let isMoved = false;
      const beforeStep = (step: string): void => {
        if (step !== 'prepared' || isMoved) return;
        isMoved = true;
        fs.rmdirSync(extra);
        fs.renameSync(path.join(data, kept), extra);
      };
      const request = inPlace(backupId, { agents: ['echo'] });
      const { safetyBackupId } = await restoreBackup(tiny.context, request, quietly, { beforeStep });
      // By its new name it is in a backup now.
      await restoreBackup(tiny.context, inPlace(safetyBackupId ?? ''), quietly);
      expect(await readFile(path.join(extra, 'alone'), 'utf8')).toBe('in no backup');
    },
  );

  it('swaps only what differs beside the database, which goes with it', async () => {
    const { tiny, backupId } = await backedUp();
    await writeFile(path.join(tiny.data, 'extra'), 'live only');
    const steps: string[] = [];
    const beforeStep = (step: string): void => void steps.push(step);
    await restoreBackup(tiny.context, inPlace(backupId), quietly, { beforeStep });
    expect(fs.existsSync(path.join(tiny.data, 'extra'))).toBe(false);
    expect(steps.filter((step) => step === 'prepared')).toHaveLength(1);
  });

  it('is not tried again over what a first try has left', async () => {
    const { tiny, backupId, data } = await scene();
    await appendFile(path.join(data, 'CLAUDE.md'), 'since');
    const journals = path.join(tiny.context.home, 'journals');
    let times = 0;
    const beforeStep = (step: string): void => {
      if (step !== 'saved') return;
      times += 1;
      fs.appendFileSync(path.join(data, '.ssh/id'), 'x');
      // A journal that cannot be removed.
      const [file = ''] = fs.readdirSync(journals).filter((name) => name.endsWith('.json'));
      fs.unlinkSync(path.join(journals, file));
      fs.mkdirSync(path.join(journals, file));
    };
    const request = inPlace(backupId, { agents: ['echo'] });
    const error = await rejectionOf(restoreBackup(tiny.context, request, quietly, { beforeStep }));
    expect([times, error]).toMatchObject([1, { message: expect.stringContaining('was written to') }]);
  });
});

import { chmod, chown, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { setTimes, setXattr } from '../../../../main/platform/libc.ts';
import { backedUp, echoVolume, inPlace } from '../../../helpers/tiny-backup.ts';
import { isRoot, liveState, quietly, volumeData } from '../../../helpers/tiny-install.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

describe('a restore in place', () => {
  it('brings back a destroyed database, volume and files exactly, and leaves nothing of ours', async () => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    await rm(path.join(tiny.volumes, echoVolume), { recursive: true });
    await writeFile(tiny.database, 'HTTP/1.1 200 OK');
    await rm(path.join(tiny.data, 'avatars'), { recursive: true });
    await rm(path.join(tiny.folder, 'config'), { recursive: true });
    await writeFile(path.join(volumeData(tiny, 'agent-scout-workspace'), 'younger.txt'), 'younger');
    const restored = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(restored.safetyBackupId).toMatch(/^[0-9a-f]{12}$/u);
    expect(restored.warnings).toEqual([]);
    expect(liveState(tiny)).toEqual(before);
    expect(await readdir(path.join(tiny.home, 'journals'))).toEqual([]);
  });

  it('gives the roots of files and paths their mode, owner, time and attributes, and can be undone', async () => {
    const extra = path.join(await tempFolder(), 'extra');
    await mkdir(extra, { mode: 0o750 });
    const { tiny, backupId } = await backedUp({ settings: { paths: [extra] } });
    const roots = [extra, tiny.data];
    const metaOf = (root: string): string => snapshotTree(root, (name) => name !== '')[''] ?? '';
    const asBackedUp = roots.map(metaOf);
    for (const [index, root] of roots.entries()) {
      setXattr(root, Buffer.from('user.note'), Buffer.from('since'));
      await chmod(root, 0o700 + index);
      if (isRoot) await chown(root, 1234, 4321);
      setTimes(root, 5n, 1_000_000_001n);
    }
    const since = roots.map(metaOf);
    expect(since).not.toEqual(asBackedUp);
    const { safetyBackupId } = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(roots.map(metaOf)).toEqual(asBackedUp);
    await restoreBackup(tiny.context, inPlace(safetyBackupId ?? ''), quietly);
    expect(roots.map(metaOf)).toEqual(since);
    const dying = {
      beforeStep: (step: string) => {
        if (step === 'sync') throw new Error('dies');
      },
    };
    const failed = restoreBackup(tiny.context, inPlace(backupId), quietly, dying);
    await expect(failed).rejects.toMatchObject({ kind: 'failed' });
    expect(roots.map(metaOf)).toEqual(since);
  });

  it('can be undone by restoring its safety backup', async () => {
    const { tiny, backupId } = await backedUp();
    await writeFile(path.join(volumeData(tiny, echoVolume), 'CLAUDE.md'), 'written since');
    await rm(path.join(tiny.data, 'avatars'), { recursive: true });
    const changed = liveState(tiny);
    const { safetyBackupId } = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(liveState(tiny)).not.toEqual(changed);
    await restoreBackup(tiny.context, inPlace(safetyBackupId ?? ''), quietly);
    expect(liveState(tiny)).toEqual(changed);
  });

  it('brings back one agent and leaves the others as they are', async () => {
    const { tiny, backupId } = await backedUp();
    const before = snapshotTree(volumeData(tiny, echoVolume));
    for (const name of [echoVolume, 'agent-scout-workspace'])
      await writeFile(path.join(volumeData(tiny, name), 'CLAUDE.md'), 'changed');
    const others = snapshotTree(
      tiny.base,
      (name) => name.startsWith(`volumes/${echoVolume}`) || /^(?:vault|home)/u.test(name),
    );
    const restored = await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'] }), quietly);
    expect(restored.restored).toEqual([`memory/${echoVolume}`]);
    expect(snapshotTree(volumeData(tiny, echoVolume))).toEqual(before);
    expect(
      snapshotTree(
        tiny.base,
        (name) => name.startsWith(`volumes/${echoVolume}`) || /^(?:vault|home)/u.test(name),
      ),
    ).toEqual(others);
  });

  it('finds the volumes of a renamed agent by its name of today', async () => {
    const { tiny, backupId } = await backedUp();
    const { restored } = await restoreBackup(
      tiny.context,
      inPlace(backupId, { agents: ['research'] }),
      quietly,
    );
    expect(restored).toEqual(['memory/agent-research-public', 'memory/agent-scout-workspace']);
  });

  it('keeps what is left out and lies in what it replaces, also in folders that the backup lacks', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    await writeFile(path.join(data, '.cache/since'), 'left out');
    await mkdir(path.join(data, 'project/__pycache__'), { recursive: true });
    await writeFile(path.join(data, 'project/__pycache__/a.pyc'), 'left out');
    await writeFile(path.join(data, 'project/main.py'), 'in the safety backup');
    await writeFile(path.join(tiny.data, 'logs/platform.json'), 'newer log');
    const { notes } = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(notes.map(({ code }) => code)).toContain('carried-over');
    expect(await readFile(path.join(data, '.cache/since'), 'utf8')).toBe('left out');
    expect(await readdir(path.join(data, 'project'), { recursive: true })).toEqual([
      '__pycache__',
      '__pycache__/a.pyc',
    ]);
    expect(await readFile(path.join(tiny.data, 'logs/platform.json'), 'utf8')).toBe('newer log');
  });
});

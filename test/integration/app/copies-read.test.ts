import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { changeCrashInstall } from '../crash/crash-install.ts';
import { Pause } from '../../helpers/command-lab.ts';
import { backUp, idsIn, sharedCopiedLab } from '../../helpers/copied-lab.ts';

const shared = sharedCopiedLab();

describe('reading from a copy', () => {
  it('is done where it is asked for', async () => {
    const lab = await shared().copy();
    const [copied = ''] = await idsIn(lab);
    const newer = await backUp(lab);
    expect(await idsIn(lab, '--from', 'nas')).toEqual([copied]);
    expect((await lab.run(['show', newer, '--from', 'nas'])).code).toBe(5);
    const read = [
      ['show', copied],
      ['files', copied],
      ['diff', copied, copied],
      ['find', 'notes'],
      ['verify'],
    ];
    for (const command of read) await lab.json([...command, '--from', 'nas']);
    // All that show content say in their document what was read.
    const told = read.slice(0, -1);
    for (const command of told) {
      expect(await lab.json([...command, '--from', 'nas'])).toMatchObject({ from: 'nas' });
      expect(await lab.json(command)).toMatchObject({ from: null });
    }
    expect(await lab.json(['drill', '--from', 'nas'])).toMatchObject({ backupId: copied, ok: true });
    // What was proven at the copy is known at the vault as soon as both are together again.
    expect(await lab.json(['show', copied])).toMatchObject({ provenSources: 0 });
    await lab.json(['copies', 'run', 'nas']);
    expect(await lab.json(['show', copied])).toMatchObject({ provenSources: 5 });
    expect((await lab.run(['list', '--from', 'nowhere'])).code).toBe(5);
  });

  it('is done by itself while the vault is away, which the list says', async () => {
    const lab = await shared().copy();
    const [id = ''] = await idsIn(lab);
    renameSync(lab.vault, `${lab.vault}-away`);
    const listed = await lab.run(['list']);
    expect([listed.code, listed.stderr]).toEqual([0, expect.stringContaining('its copy nas')]);
    const folder = path.join(lab.base, 'back');
    expect(await lab.json(['restore', id, '--only', 'files', '--to', folder])).toMatchObject({
      restored: ['files'],
      notes: expect.arrayContaining([expect.objectContaining({ code: 'read-from-copy' })]),
    });
    expect(readFileSync(path.join(folder, 'files/agent-files/blob'), 'utf8')).toBe('a shared file');
    const output = path.join(lab.base, 'files.zip');
    const reads = [
      ['show', id],
      ['files', id],
      ['diff', id, id],
      ['find', 'notes'],
    ];
    for (const command of [...reads, ['export', id, '--component', 'files', '--output', output]]) {
      expect((await lab.run(command)).stderr).toContain(
        'The vault is away: this is what its copy nas holds.',
      );
    }
    renameSync(`${lab.vault}-away`, lab.vault);
    for (const command of [['list'], ...reads]) expect((await lab.run(command)).stderr).toBe('');
  });

  it('restores in place, with the safety backup in the vault; in the copy while the vault is away', async () => {
    const lab = await shared().copy();
    const [id = ''] = await idsIn(lab);
    const blob = path.join(lab.install, 'trinity-data/agent-files/blob');
    const restore = ['restore', id, '--only', 'files', '--from', 'nas', '--confirm'];
    for (const isAway of [false, true]) {
      changeCrashInstall(lab);
      const before = readFileSync(blob);
      if (isAway) renameSync(lab.vault, `${lab.vault}-away`);
      const { safetyBackupId } = z.object({ safetyBackupId: z.string() }).parse(await lab.json(restore));
      expect(readFileSync(blob, 'utf8')).toBe('a shared file');
      const holder = isAway ? ['--from', 'nas'] : [];
      expect(await idsIn(lab, ...holder)).toContain(safetyBackupId);
      await lab.json(['restore', safetyBackupId, '--confirm', '--no-safety-backup', ...holder]);
      expect(readFileSync(blob)).toEqual(before);
    }
    renameSync(`${lab.vault}-away`, lab.vault);
    // What was made at the copy while the vault was away stays there.
    const held = await idsIn(lab, '--from', 'nas');
    await lab.json(['copies', 'run']);
    expect(await idsIn(lab, '--from', 'nas')).toEqual(expect.arrayContaining([...held]));
  });

  it('goes on while a run that writes to it stalls', async () => {
    const lab = await shared().copy();
    const [id = ''] = await idsIn(lab);
    changeCrashInstall(lab);
    await backUp(lab);
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    const stalled = lab.start(['copies', 'run', 'nas', '--json'], pause.env);
    onTestFinished(() => stalled.kill('SIGKILL'));
    await pause.reached();
    for (const from of [[], ['--from', 'nas']]) {
      const folder = path.join(lab.base, `back-${from.length}`);
      expect(await lab.json(['restore', id, '--to', folder, ...from])).toMatchObject({ backupId: id });
    }
    expect((await lab.run(['copies', 'run', 'nas'])).code).toBe(4);
    pause.goOn();
    expect((await stalled.ended).code).toBe(0);
  });
});

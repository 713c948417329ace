import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLab, emptyLab, sharedLab } from '../../helpers/command-lab.ts';
import { digestOfInstall, writeCrashInstall } from '../crash/crash-install.ts';

type Backup = Readonly<{ backupId: string }>;

const shared = sharedLab(async (lab) => void (await lab.json(['backup', '--note', 'the first'])));

describe('the command line', () => {
  it('backs up, lists, and restores what was destroyed', async () => {
    const lab = await shared().copy();
    const before = digestOfInstall(lab);
    const [backup] = (await lab.json(['list'])) as Backup[];
    rmSync(path.join(lab.volumes, 'agent-one-workspace/_data'), { recursive: true });
    rmSync(path.join(lab.install, 'trinity-data/trinity.db'));
    const restored = await lab.json(['restore', backup?.backupId ?? '', '--confirm', '--no-safety-backup']);
    expect(restored).toMatchObject({ safetyBackupId: null, restartRequired: true, warnings: [] });
    expect(digestOfInstall(lab)).toBe(before);
  });

  it('prints the documented results', async () => {
    const lab = await shared().copy();
    const backup = await lab.json(['backup', '--only', 'config,persistence', '--no-compress']);
    expect(backup).toEqual({
      backupId: expect.stringMatching(/^[0-9a-f]{12}$/),
      trigger: 'manual',
      timestamp: expect.stringMatching(/Z$/),
      components: ['persistence', 'config'],
      files: expect.any(Number),
      bytes: expect.any(Number),
      bytesAdded: expect.any(Number),
      bytesStored: expect.any(Number),
      durationMs: expect.any(Number),
      frozenMs: 0,
      lockedMs: expect.any(Number),
      incomplete: false,
      warnings: [],
      notes: expect.any(Array),
    });
    const list = (await lab.json(['list'])) as Backup[];
    expect(list.map(({ backupId }) => backupId)[0]).toBe((backup as Backup).backupId);
    expect(list[1]).toMatchObject({ note: 'the first', agents: ['one', 'two'] });
  });

  it('lists a backup that cannot be read after the others, and says nothing beside the document', async () => {
    const lab = await shared().copy();
    writeFileSync(path.join(lab.vault, 'backups', '0'.repeat(12)), 'no manifest');
    const listed = await lab.run(['list', '--json']);
    expect([listed.code, listed.stderr]).toEqual([3, '']);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { note: 'the first', state: 'live' },
      { backupId: '0'.repeat(12), state: 'unreadable', reason: expect.stringMatching(/\.$/) },
    ]);
    const shown = await lab.run(['list']);
    expect(shown.stderr).toMatch(/^Warning: backup 000000000000 cannot be read: .*\.\n$/u);
  });

  it('looks into backups and finds versions of files', async () => {
    const lab = shared();
    const [backup] = (await lab.json(['list'])) as Backup[];
    const id = backup?.backupId ?? '';
    const files = await lab.json(['files', id, '--path', 'memory/agent-one-workspace']);
    expect(files).toMatchObject({
      files: [
        { path: 'empty' },
        { path: 'gone-later.txt' },
        { path: 'large.bin' },
        { path: 'notes.txt', size: 12 },
      ],
    });
    expect(await lab.json(['files', id, '--path', 'memory'])).toMatchObject({
      files: [
        { volume: 'agent-one-workspace', path: '', kind: 'folder' },
        { volume: 'agent-two-workspace', path: '', kind: 'folder' },
      ],
    });
    expect(await lab.json(['find', 'notes.txt'])).toMatchObject({
      found: [{ volume: 'agent-one-workspace' }, { volume: 'agent-two-workspace' }],
    });
    expect(await lab.json(['diff', id, id])).toEqual({
      counts: { added: 0, removed: 0, changed: 0, metadata: 0 },
      entries: [],
      isCut: false,
      from: null,
    });
    expect(await lab.json(['show', id])).toMatchObject({ backupId: id, state: 'live', warnings: [] });
  });

  it('restores on an empty machine with the recovery key, and can back up from there', async () => {
    const lab = await shared().copy();
    const machine = await emptyLab();
    const connected = await machine.json([
      'connect',
      '--vault',
      lab.vault,
      '--recovery-key',
      lab.recoveryKey,
    ]);
    expect(connected).toMatchObject({ keys: ['recovery', 'passphrase', 'device', 'device'] });
    const [backup] = (await machine.json(['list'])) as Backup[];
    const target = path.join(machine.base, 'trinity');
    const values = path.join(machine.base, 'values');
    writeFileSync(values, 'FRONTEND_URL="https://new.example"\nFRONTEND_PORT=1\n', { mode: 0o600 });
    const ours = ['--set', 'FRONTEND_PORT=8081', '--env-file', values];
    await machine.json(['restore', backup?.backupId ?? '', '--new-install', target, '--confirm', ...ours]);
    const env = readFileSync(path.join(target, '.env'), 'utf8');
    expect(env.split('\n')).toEqual(
      expect.arrayContaining(['FRONTEND_URL=https://new.example', 'FRONTEND_PORT=8081']),
    );
    const install = { install: target, volumes: path.join(target, 'volumes') };
    expect(readFileSync(path.join(install.volumes, 'agent-two-workspace/_data/notes.txt'), 'utf8')).toBe(
      'notes of two',
    );
    expect(await machine.json(['settings', 'get', 'enabled'])).toBe(true);
    expect(await machine.json(['finish'])).toEqual({ isDone: true });
    expect(await machine.json(['backup'])).toMatchObject({ incomplete: false });
    // The old machine may still run: until the operator says that it is gone, its backups are another install's.
    expect(await machine.json(['prune', '--dry-run'])).toMatchObject({ kept: 1 });
    await machine.json(['install', '--path', target, '--continue', backup?.backupId ?? '']);
    await machine.json(['install', '--path', target]);
    expect(await machine.json(['prune', '--dry-run'])).toMatchObject({ kept: 1 });
    await machine.json(['backup']);
    const all = (await machine.json(['list'])) as { installId: string }[];
    expect(new Set(all.filter((_, index) => index !== 1).map(({ installId }) => installId)).size).toBe(1);
    expect(await machine.json(['prune', '--dry-run'])).toMatchObject({ kept: 2 });
  });

  it('keeps, deletes, brings back and collects', async () => {
    const lab = await shared().copy();
    const [backup] = (await lab.json(['list'])) as Backup[];
    const id = backup?.backupId ?? '';
    expect(await lab.json(['pin', id])).toEqual({ backupId: id, pinned: true });
    expect(await lab.json(['prune', '--dry-run'])).toMatchObject({ pruned: [], kept: 1 });
    expect(await lab.json(['delete', id])).toEqual({ backupId: id, trashDays: 7 });
    expect(await lab.json(['list'])).toEqual([]);
    expect(await lab.json(['list', '--trash'])).toMatchObject([{ backupId: id, pinned: true }]);
    expect(await lab.json(['undelete', id])).toEqual({ backupId: id });
    expect(await lab.json(['collect'])).toMatchObject({ deletedPacks: 0 });
    expect(await lab.json(['verify', '--data', 'full'])).toMatchObject({ ok: true, damaged: [] });
    expect(await lab.json(['unpin', id])).toEqual({ backupId: id, pinned: false });
  });

  it('says the state before, after a backup and after a rehearsal', async () => {
    const lab = await emptyLab();
    const states = [await lab.json(['status'], 1)];
    await lab.setUp();
    states.push(await lab.json(['status'], 3));
    await lab.json(['backup']);
    states.push(await lab.json(['status'], 3));
    await lab.json(['drill']);
    states.push(await lab.json(['status'], 0));
    rmSync(lab.install, { recursive: true });
    expect((await lab.run(['backup'])).code).toBe(1);
    states.push(await lab.json(['status'], 3));
    const names = states.map((status) => (status as { state: string }).state);
    expect(names).toEqual(['set up', 'first backup', 'unproven', 'protected', 'attention']);
  });

  it('does not take a backup that was refused for one that failed', async () => {
    const lab = await shared().copy();
    expect((await lab.run(['backup', '--agent', 'nobody'])).code).toBe(5);
    expect((await lab.run(['backup', '--only', 'nothing'])).code).toBe(2);
    expect(await lab.json(['status'], 3)).toMatchObject({ state: 'unproven' });
  });

  it('exports an agent as an archive of its owner alone', async () => {
    const lab = await shared().copy();
    const [backup] = (await lab.json(['list'])) as Backup[];
    const output = path.join(lab.base, 'one.tar.gz');
    const exported = await lab.json(['export', backup?.backupId ?? '', '--agent', 'one', '--output', output]);
    expect(exported).toMatchObject({ output, sources: ['memory/agent-one-workspace'], warnings: [] });
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it('writes a recovery kit whose key opens the vault', async () => {
    const lab = await shared().copy();
    const output = path.join(lab.base, 'kit.html');
    const kit = (await lab.json(['recovery-kit', '--output', output])) as { keyId: string };
    const page = readFileSync(output, 'utf8');
    expect(statSync(output).mode & 0o777).toBe(0o600);
    const key = /--recovery-key ([0-9A-Z-]+)/u.exec(page)?.[1] ?? '';
    const machine = await emptyLab();
    await machine.json(['connect', '--vault', lab.vault, '--recovery-key', key]);
    const again = await lab.run(['recovery-kit', '--output', output]);
    expect([again.code, readFileSync(output, 'utf8')]).toEqual([1, page]);
    const keys = (await lab.json(['keys', 'list'])) as { keys: { id: string; kind: string }[] };
    expect(keys.keys.filter(({ kind }) => kind === 'recovery').map(({ id }) => id)).toContain(kit.keyId);
  });

  it('opens the vault by a passphrase from the environment, where no device key does', async () => {
    const lab = await shared().copy();
    rmSync(path.join(lab.home, 'device-key'));
    expect((await lab.run(['list'])).code).toBe(7);
    const opened = await lab.run(['list', '--json'], {
      TRINITY_BACKUP_PASSPHRASE: 'correct horse battery staple',
    });
    expect([opened.code, JSON.parse(opened.stdout)]).toMatchObject([0, [{ note: 'the first' }]]);
  });

  it('writes plain files and touches nothing else, with --to', async () => {
    const lab = await shared().copy();
    const before = digestOfInstall(lab);
    const [backup] = (await lab.json(['list'])) as Backup[];
    const target = path.join(lab.base, 'out');
    await lab.json(['restore', backup?.backupId ?? '', '--to', target, '--agent', 'two']);
    expect(readFileSync(path.join(target, 'memory/agent-two-workspace/notes.txt'), 'utf8')).toBe(
      'notes of two',
    );
    expect(digestOfInstall(lab)).toBe(before);
  });

  it('finds an install in the folder where it is started', async () => {
    const lab = new CommandLab((await emptyLab()).base);
    writeCrashInstall({ install: lab.base, volumes: lab.volumes });
    const report = await lab.json(['install']);
    expect(report).toMatchObject({ folder: lab.base, agents: ['one', 'two'] });
  });
});

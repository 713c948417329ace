import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Pause, sharedLab } from '../../helpers/command-lab.ts';

const finding = z.object({ message: z.string() });
const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

describe('commands of one home at the same time', () => {
  it('attach to the engine that is there, and a second backup is refused at once', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const backup = lab.start(['backup', '--json'], pause.env);
    await pause.reached();
    expect(statSync(path.join(lab.home, 'engine.sock')).mode & 0o777).toBe(0o600);
    expect(await lab.json(['list'])).toHaveLength(1);
    expect(await lab.json(['status'], 3)).toMatchObject({ state: 'running' });
    const second = await lab.run(['backup']);
    expect(second.code).toBe(4);
    expect(second.stderr).toMatch(/^A backup is running \(begun .*\): wait .*\.\n$/);
    pause.goOn();
    expect((await backup.ended).code).toBe(0);
    expect(await lab.json(['list'])).toHaveLength(2);
    expect(existsSync(path.join(lab.home, 'engine.sock'))).toBe(false);
  });

  it('end well when the engine is done before the one that attached', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'list', prefix: 'backups/' });
    const list = lab.start(['list', '--json'], pause.env);
    await pause.reached();
    const backup = lab.start(['backup', '--json']);
    pause.goOn();
    const [listed, backedUp] = await Promise.all([list.ended, backup.ended]);
    expect([listed.code, backedUp.code]).toEqual([0, 0]);
    expect(await lab.json(['list'])).toHaveLength(2);
  });

  it('all work when they are started at once', async () => {
    const lab = await shared().copy();
    const ended = await Promise.all([1, 2, 3].map(async () => await lab.run(['list', '--json'])));
    expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      ended.map(() => ({ code: 0, stderr: '' })),
    );
  });

  it('can be cancelled: SIGINT ends a backup that is then not listed', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'read', prefix: 'packs/' });
    const backup = lab.start(['backup'], pause.env);
    await pause.reached();
    backup.kill('SIGINT');
    pause.goOn();
    const { code, stdout, stderr } = await backup.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/cancelled.*\.\n$/);
    expect(await lab.json(['list'])).toHaveLength(1);
  });

  it.each([
    ['its last chunks are', 'packs/'],
    ['the index is', 'index/'],
  ])('can be cancelled while %s being written, and do not wait for that', async (_, prefix) => {
    const lab = await shared().copy();
    writeFileSync(path.join(lab.volumes, 'new.txt'), 'something new');
    const pause = new Pause(lab.base, { operation: 'put', prefix });
    const backup = lab.start(['backup'], pause.env);
    await pause.reached();
    backup.kill('SIGINT');
    const { code, stdout, stderr } = await backup.ended;
    const cancelled = 'The backup was cancelled; nothing of it is listed.\n';
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: cancelled });
    expect(await lab.json(['list'])).toHaveLength(1);
  });

  it('are done, and say so, when they are cancelled while the manifest is being written', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'putIfAbsent', prefix: 'backups/' });
    const backup = lab.start(['backup', '--json'], pause.env);
    await pause.reached();
    backup.kill('SIGINT');
    pause.goOn();
    const { code, stdout, stderr } = await backup.ended;
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    const done = z.object({ backupId: z.string(), warnings: z.array(finding) }).parse(JSON.parse(stdout));
    for (const { message } of done.warnings) expect(message).toMatch(/^The backup is done, but /);
    expect(done.warnings).not.toEqual([]);
    expect(await lab.json(['list'])).toMatchObject([{ backupId: done.backupId }, {}]);
    expect(await lab.json(['verify', '--data', 'full'])).toMatchObject({ ok: true });
  });

  it('can be cancelled where they attached, and the engine ends well', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'read', prefix: 'packs/' });
    const verify = lab.start(['verify', '--data', 'full', '--json'], pause.env);
    await pause.reached();
    const attached = lab.start(['backup']);
    const stateNow = async (): Promise<unknown> => JSON.parse((await lab.run(['status', '--json'])).stdout);
    while (((await stateNow()) as { state: string }).state !== 'running');
    attached.kill('SIGTERM');
    const { code, stderr } = await attached.ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The backup was cancelled; nothing of it is listed.\n',
    });
    pause.goOn();
    expect((await verify.ended).code).toBe(0);
    expect(await lab.json(['list'])).toHaveLength(1);
  });

  it('go on after the engine was killed', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const backup = lab.start(['backup'], pause.env);
    await pause.reached();
    const attached = lab.start(['backup']);
    expect((await attached.ended).code).toBe(4);
    backup.kill('SIGKILL');
    expect((await backup.ended).signal).toBe('SIGKILL');
    expect(await lab.json(['list'])).toHaveLength(1);
    expect(await lab.json(['backup'])).toMatchObject({ incomplete: false });
  });

  it('are refused by the lock of the vault, from another home', async () => {
    const lab = await shared().copy();
    const connect = ['connect', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile];
    const pause = new Pause(lab.base, { operation: 'putIfAbsent', prefix: 'keys/' });
    const env = { TRINITY_BACKUP_HOME: path.join(lab.base, 'home-2') };
    const connecting = lab.start(connect, { ...env, ...pause.env });
    await pause.reached();
    const refused = await lab.run(['backup']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/being written by this machine \(keys, since .*\.\n$/);
    pause.goOn();
    expect((await connecting.ended).code).toBe(0);
  });

  it('are refused by the lock of the vault while another home backs up, keys and all', async () => {
    const lab = await shared().copy();
    const home = (name: string) => ({ TRINITY_BACKUP_HOME: path.join(lab.base, name) });
    const connect = ['connect', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile];
    expect((await lab.run(connect, home('home-2'))).code).toBe(0);
    const install = ['install', '--path', lab.install, '--volumes-root', lab.volumes];
    expect((await lab.run(install, home('home-2'))).code).toBe(0);
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const backup = lab.start(['backup'], pause.env);
    await pause.reached();
    expect((await lab.run(['backup'], home('home-2'))).code).toBe(4);
    expect((await lab.run(connect, home('home-3'))).code).toBe(4);
    // What has its key already needs no change of them.
    expect((await lab.run(connect, home('home-2'))).code).toBe(0);
    pause.goOn();
    expect((await backup.ended).code).toBe(0);
  });
});

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandFile } from '../../../helpers/command-file.ts';
import { type CommandLab, sharedLab } from '../../../helpers/command-lab.ts';
import { smallDisk } from '../../../helpers/small-disk.ts';

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

type Status = Readonly<{
  state: string;
  sentence: string;
  action: unknown;
  causes: readonly { key: string }[];
}>;

async function stateOf(lab: CommandLab): Promise<Status> {
  const { stdout } = await lab.run(['status', '--json']);
  return JSON.parse(stdout) as Status; // as status prints it; what is expected of it is checked
}

describe('a network folder', () => {
  it('is waited for while it is unmounted, and all is as before when it is back', async () => {
    const lab = await shared().copy();
    const before = await stateOf(lab);
    // An unmounted place is an empty folder.
    renameSync(lab.vault, `${lab.vault}-nas`);
    mkdirSync(lab.vault);
    expect((await lab.run(['backup'])).code).toBe(1);
    expect(await stateOf(lab)).toMatchObject({ state: 'waiting', action: null, causes: [] });
    rmSync(lab.vault, { recursive: true });
    renameSync(`${lab.vault}-nas`, lab.vault);
    expect(await stateOf(lab)).toMatchObject({ state: before.state, sentence: before.sentence });
    await lab.json(['backup']);
    expect(await lab.json(['list'])).toHaveLength(2);
  });

  it('is waited for while it hangs, with the sentence that says so', async () => {
    const lab = await shared().copy();
    const fifo = path.join(lab.base, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const { code, stdout } = await lab.run(['status', '--json'], {
      NODE_ENV: 'test',
      TRINITY_BACKUP_TEST_HOOK: path.join(path.dirname(commandFile()), 'stalling-hook.child.js'),
      TRINITY_TEST_FIFO: fifo,
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'waiting',
      sentence: expect.stringMatching(
        /^Waiting for \S+; last backup .+\. The place \S+ has not answered for .+\.$/u,
      ),
    });
    expect((await stateOf(lab)).state).toBe('unproven');
  });
});

describe('a disk that fills up', () => {
  it('is told before and when a backup finds no room, with what mends it, and nothing is lost', async (context) => {
    const disk = await smallDisk(context, 64);
    const lab = await shared().copy();
    const vault = path.join(disk.folder, 'vault');
    cpSync(lab.vault, vault, { recursive: true });
    await lab.json(['connect', '--vault', vault, '--passphrase-file', lab.passphraseFile]);
    expect((await stateOf(lab)).causes.map(({ key }) => key)).toContain('space');
    writeFileSync(path.join(lab.install, 'trinity-data/agent-files/blob'), 'another content');
    expect((await lab.run(['backup'])).code).toBe(1);
    const { state, sentence, action, causes } = await stateOf(lab);
    expect(state).toBe('attention');
    expect(sentence).toMatch(/^The .+ backup failed: .*nearly full.*\. Last good backup .+\.$/u);
    expect(action).toEqual({ label: 'Free space', operation: 'show', input: { page: 'storage' } });
    expect(causes.map(({ key }) => key)).toContain('backup:full');
    expect(await lab.json(['list'])).toHaveLength(1);
    expect(await lab.json(['verify', '--data', 'full'])).toMatchObject({ ok: true });
  });
});

describe('a damaged vault', () => {
  it('says how many backups are damaged and what of them cannot be restored, until it is healed', async () => {
    const lab = await shared().copy();
    const packs = readdirSync(path.join(lab.vault, 'packs'), { recursive: true, encoding: 'utf8' });
    for (const name of packs.filter((pack) => pack.length > 10)) {
      truncateSync(path.join(lab.vault, 'packs', name), 1000);
    }
    expect((await lab.run(['verify', '--data', 'full'])).code).toBe(6);
    expect(await stateOf(lab)).toMatchObject({
      state: 'damaged',
      sentence: expect.stringMatching(/^1 backup is damaged: .*agent one.* cannot be restored whole\.$/u),
    });
  });

  it('is said to be so by a rehearsal alone until the next rehearsal, which is what to do', async () => {
    const lab = await shared().copy();
    const packs = path.join(lab.vault, 'packs');
    renameSync(packs, `${packs}-away`);
    mkdirSync(packs);
    expect((await lab.run(['drill'])).code).toBe(6);
    rmSync(packs, { recursive: true });
    renameSync(`${packs}-away`, packs);
    expect(await stateOf(lab)).toMatchObject({
      state: 'damaged',
      sentence: expect.stringMatching(/^The last rehearsal could not restore .+ and \d+ more: [^.]+\.$/u),
      action: { operation: 'drill' },
    });
    expect((await lab.run(['status'])).stdout.split('\n')[1]).toBe('What to do: trinity-backup drill');
    await lab.json(['drill']);
    expect((await stateOf(lab)).state).toBe('protected');
  });
});

describe('an upgrade of Trinity', () => {
  it('is seen between runs, and a backup is offered until there is one of the new version', async () => {
    const lab = await shared().copy();
    writeFileSync(path.join(lab.install, 'VERSION'), '0.9.6\n');
    expect((await stateOf(lab)).causes).toContainEqual({
      key: 'upgrade:0.9.6',
      severity: 'info',
      title: 'Trinity was upgraded',
      body: 'The last backup is of Trinity 0.9.5, and 0.9.6 is there now. Back up what it made of the data.',
      action: { label: 'Back up now', operation: 'backup', input: {} },
    });
    await lab.json(['backup']);
    expect((await stateOf(lab)).causes.map(({ key }) => key)).not.toContain('upgrade:0.9.6');
  });
});

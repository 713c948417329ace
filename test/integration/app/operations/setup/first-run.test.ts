import { readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedRestLab } from '../../../../helpers/rest-lab.ts';
import { rejectionOf } from '../../../../helpers/rejection.ts';

const lab = sharedRestLab({ isSetUp: true });
const options = { signal: new AbortController().signal, onProgress: () => undefined };
const nobody = { lookIn: [], docker: { env: { DOCKER_HOST: 'unix:///nowhere.sock' }, home: '/nowhere' } };

describe('setup.note', () => {
  it('keeps how far a set-up is until it is done', async () => {
    const run = lab().application;
    expect(await run.run('setupGet', {}, options)).toEqual({ isSetUp: true, step: null });
    await run.run('setupNote', { step: 'key' }, options);
    expect(await run.run('setupGet', {}, options)).toEqual({ isSetUp: true, step: 'key' });
    writeFileSync(run.engine.home.setupFile, '{"version":1,"step":');
    expect((await run.run('setupGet', {}, options)).step).toBeNull();
    await run.run('setupNote', { step: 'backup' }, options);
    for (let times = 0; times < 2; times += 1) {
      expect((await run.run('setupNote', { step: null }, options)).step).toBeNull();
    }
  });
});

describe('setup.probe', () => {
  it('tells what there is and how large it is, where no engine answers', async () => {
    const { install: folder, volumes: volumesRoot } = lab();
    const probe = await lab().application.run('setupProbe', { folder, volumesRoot, ...nobody }, options);
    expect(probe.docker).toMatchObject({ state: 'absent', mend: null });
    expect(probe.environment).toBe('readable');
    expect(probe.keyProblem).toBeNull();
    expect(probe.dataBytes).toBeGreaterThan('a shared file'.length);
    expect(probe.report).toMatchObject({ folder, agents: ['one', 'two'] });
  });

  it('says why nothing was found, and rejects not', async () => {
    const probe = await lab().application.run('setupProbe', nobody, options);
    expect(probe).toMatchObject({ report: null, environment: null, dataBytes: null });
    expect(probe.problem).toMatch(/^No Trinity install was found.*name its folder below\.$/u);
  });

  it('leads to the fields of the page, not to options of the command line', async () => {
    const dockerHost = 'unix:///nowhere/docker.sock';
    const probe = await lab().application.run('setupProbe', { ...nobody, dockerHost }, options);
    expect(probe.problem).toBe(
      `No Docker engine answers at ${dockerHost}. Start Docker, or name the engine below.`,
    );
  });
});

describe('setup.sample', () => {
  it('writes an install that can be looked at', async () => {
    const made = await lab().application.run('setupSample', {}, options);
    expect(made.installFolder.startsWith(lab().home)).toBe(true);
    const asked = { folder: made.installFolder, volumesRoot: made.volumesRoot, ...nobody };
    expect((await lab().application.run('setupProbe', asked, options)).report?.agents).not.toEqual([]);
  });
});

describe('prove.start', () => {
  it('restores database and agents, compares a file, and counts as proof', async () => {
    const { application } = lab();
    const { backupId } = await application.run('backup', {}, options);
    const proof = await application.run('prove', { backupId }, options);
    expect(proof).toMatchObject({
      ok: true,
      words: 'Proven: your backup restores.',
      failed: [],
      skipped: [],
    });
    expect(proof.proven).toContain('persistence');
    expect(proof.file?.path).toBe(path.join(lab().install, '.env'));
    const [listed] = (await application.run('list', { trashed: false }, options)).backups;
    expect(listed?.provenSources).toBe(listed?.sourceCount);
  });

  it('says so when what comes back differs from the live file', async () => {
    const { application, install } = lab();
    const file = path.join(install, '.env');
    const before = readFileSync(file);
    // As the backup keeps it, so that it can be given back exactly.
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    const { backupId } = await application.run('backup', {}, options);
    onTestFinished(() => writeFileSync(file, before));
    writeFileSync(file, Buffer.from(before.map((byte) => (byte === 0x35 ? 0x36 : byte))));
    utimesSync(file, 1_700_000_000, 1_700_000_000);
    const proof = await application.run('prove', { backupId }, options);
    expect(proof.ok).toBe(false);
    expect(proof.words).toContain(`${file} differs from the live file`);
  });

  it('proves nothing when packs are gone', async () => {
    const { application, base } = lab();
    const { backupId } = await application.run('backup', {}, options);
    const packs = path.join(base, 'vault/packs');
    const kept = path.join(base, 'packs-kept');
    renameSync(packs, kept);
    onTestFinished(() => renameSync(kept, packs));
    const proof = await application.run('prove', { backupId }, options);
    expect([proof.ok, proof.proven, proof.file]).toEqual([false, [], null]);
    expect(proof.failed.map(({ source }) => source)).toContain('persistence');
  });
});

describe('keys.sheet', () => {
  it('makes the sheet of a key that opens the vault, and remembers its use', async () => {
    const { application } = lab();
    const { recoveryKey, keyId } = await application.run('keysNewRecoveryKey', {}, options);
    const { html } = await application.run('recoverySheet', { recoveryKey }, options);
    for (const group of recoveryKey.split('-')) expect(html).toContain(group);
    const { keys } = await application.run('keysList', {}, options);
    expect(keys.find(({ id }) => id === keyId)?.lastUsedAt).not.toBeNull();
    expect(keys.filter(({ lastUsedAt }) => lastUsedAt === null).length).toBe(1);
  });

  it('makes none for another key', async () => {
    const other = 'W4AM09-E24R2W-TJV5KK-G982M9-4YDENY-D71F84';
    expect(
      await rejectionOf(lab().application.run('recoverySheet', { recoveryKey: other }, options)),
    ).toMatchObject({
      kind: expect.stringMatching(/no-key|usage/u) as string,
    });
  });
});

describe('exclusions.preview', () => {
  it('counts what each pattern leaves out, and what all of them do', async () => {
    const ask = async (patterns: string[]) =>
      await lab().application.run('exclusionsPreview', { patterns }, options);
    const none = await ask([]);
    expect(none).toMatchObject({ files: 0, bytes: 0, isCut: false, uncounted: 0 });
    expect(none.totalBytes).toBeGreaterThan(800_000);
    const some = await ask(['large.bin', '/notes.txt', '!large.bin', 'nothing/']);
    const notes = 'notes of one'.length * 2;
    expect(some).toMatchObject({ files: 2, bytes: notes });
    expect(some.patterns.map(({ bytes }) => bytes).slice(1, 2)).toEqual([notes]);
    expect((await ask(['large.bin'])).bytes).toBe(800_000);
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { swiftCredentials } from '../services/swift/test-bucket.ts';
import { newS3Lab } from './s3-lab.ts';

describe('a vault on Swift alone', () => {
  it('is made, filled, checked, emptied, and gives back what was lost', async () => {
    const s3 = await newS3Lab();
    const { lab } = s3;
    const first = await s3.backUp();
    const before = s3.liveDigest();
    s3.change();
    const second = await s3.backUp();
    expect(await s3.listed()).toEqual([second, first]);
    expect(await s3.json(['verify', '--data', 'full'])).toMatchObject({ ok: true, damaged: [] });
    expect(await s3.json(['drill'])).toMatchObject({ ok: true });

    rmSync(path.join(lab.volumes, 'agent-one-workspace/_data'), { recursive: true });
    rmSync(path.join(lab.install, 'trinity-data/trinity.db'));
    await s3.json([
      'restore',
      first,
      '--only',
      'memory,persistence,files',
      '--confirm',
      '--no-safety-backup',
    ]);
    expect(s3.liveDigest()).toBe(before);

    await s3.json(['delete', first]);
    expect(await s3.listed()).toEqual([second]);
    await s3.json(['undelete', first]);
    expect(await s3.listed()).toEqual([second, first]);
    await s3.json(['delete', first]);
    expect(await s3.json(['collect'])).toMatchObject({ deletedPacks: 0 });
    expect(await s3.json(['verify', '--data', 'full'])).toMatchObject({ ok: true });
    expect(await s3.json(['status']).catch(() => undefined)).toBeDefined();
  });

  it('is opened elsewhere with the recovery key, and restores there into plain files', async () => {
    const s3 = await newS3Lab();
    const backupId = await s3.backUp();
    const other = s3.elsewhere();
    const key = path.join(s3.lab.base, 'key');
    writeFileSync(key, s3.recoveryKey);
    const connect = ['connect', '--vault', s3.location, '--recovery-key-file', key];
    const refused = await other.run(connect);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('credentials')]);
    await other.json([...connect, '--credentials-file', other.credentialsFile]);
    const to = path.join(other.lab.base, 'out');
    await other.json(['restore', backupId, '--to', to]);
    const restored = path.join(to, 'memory/agent-one-workspace/large.bin');
    const live = path.join(s3.lab.volumes, 'agent-one-workspace/_data/large.bin');
    expect(readFileSync(restored).equals(readFileSync(live))).toBe(true);
  });

  it('takes credentials of the environment where none are kept', async () => {
    const s3 = await newS3Lab();
    rmSync(path.join(s3.lab.home, 'credentials.json'));
    const without = await s3.run(['list']);
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('AWS_ACCESS_KEY_ID')]);
    const env = {
      AWS_ACCESS_KEY_ID: swiftCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: swiftCredentials.secretAccessKey,
    };
    expect(await s3.json(['list'], env)).toEqual([]);
    const wrong = await s3.run(['list'], { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('secret key')]);
  });

  it('leaves its credentials nowhere in plain, neither in the home nor in what commands say', async () => {
    const s3 = await newS3Lab();
    await s3.backUp();
    const secret = `${swiftCredentials.secretAccessKey}\n`;
    expect(readFileSync(s3.credentialsFile, 'utf8')).toContain(secret);
    rmSync(s3.credentialsFile);
    const said = await s3.run(['settings', 'get']);
    expect(said.stdout + said.stderr).not.toContain(swiftCredentials.accessKeyId);
    const found = spawnSync('grep', ['-rlaF', swiftCredentials.accessKeyId, s3.lab.home], {
      encoding: 'utf8',
    });
    expect([found.status, found.stdout]).toEqual([1, '']);
  });
});

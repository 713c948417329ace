import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isPut } from '../fakes/s3/faults.ts';
import { forwardTo } from '../fakes/s3/forward.ts';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import type { S3Server } from '../fakes/s3/s3-server.ts';
import { CommandLab } from '../helpers/command-lab.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { newSwiftLocation, swiftCredentials, swiftEndpoint } from '../services/swift/test-bucket.ts';
import { S3Lab } from './s3-lab.ts';

type Copied = Readonly<{ s3: S3Lab; proxy: S3Server; backupId: string }>;

/** A vault in a folder with one backup, and an empty copy on Swift. */
async function vaultWithCopy(): Promise<Copied> {
  const proxy = await startS3Server(forwardTo(swiftEndpoint()));
  const lab = new CommandLab(await tempFolder());
  await lab.setUp();
  const s3 = new S3Lab(lab, await newSwiftLocation(proxy.endpoint));
  const { accessKeyId, secretAccessKey } = swiftCredentials;
  writeFileSync(s3.credentialsFile, `${accessKeyId}\n${secretAccessKey}\n`, { mode: 0o600 });
  const backupId = await s3.backUp();
  await s3.json(['copies', 'add', s3.location, '--name', 'cloud', '--credentials-file', s3.credentialsFile]);
  return { s3, proxy, backupId };
}

describe('a copy of the vault on Swift', () => {
  it('restores when the vault is gone', async () => {
    const { s3, backupId } = await vaultWithCopy();
    await s3.json(['copies', 'run']);
    expect(await s3.json(['verify', '--from', 'cloud', '--data', 'full'])).toMatchObject({ ok: true });
    renameSync(s3.lab.vault, `${s3.lab.vault}-gone`);
    const to = path.join(s3.lab.base, 'out');
    await s3.json(['restore', backupId, '--from', 'cloud', '--to', to]);
    const name = 'agent-one-workspace';
    const restored = readFileSync(path.join(to, 'memory', name, 'large.bin'));
    expect(restored.equals(readFileSync(path.join(s3.lab.volumes, name, '_data/large.bin')))).toBe(true);
  });

  it('goes on where a killed run stopped, and keeps nobody from restoring while it stalls', async () => {
    const { s3, proxy, backupId } = await vaultWithCopy();
    const before = s3.liveDigest();
    proxy.requests.length = 0;
    proxy.plan = (request) =>
      isPut(request) && request.key?.includes('/packs/') === true
        ? { kind: 'stall', when: 'after' }
        : undefined;
    const copying = s3.start(['copies', 'run']);
    while (!proxy.requests.some((request) => isPut(request) && request.key?.includes('/packs/') === true))
      await delay(10);
    rmSync(path.join(s3.lab.volumes, 'agent-one-workspace/_data'), { recursive: true });
    await s3.json(['restore', backupId, '--only', 'memory', '--confirm', '--no-safety-backup']);
    expect(s3.liveDigest()).toBe(before);
    copying.kill('SIGKILL');
    await copying.ended;
    proxy.plan = () => undefined;
    await s3.json(['copies', 'run']);
    expect(await s3.json(['verify', '--from', 'cloud', '--data', 'full'])).toMatchObject({ ok: true });
    expect(await s3.json(['list', '--from', 'cloud'])).toMatchObject([{ backupId }]);
  });
});

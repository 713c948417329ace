import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryS3 } from '../../fakes/s3/memory-s3.ts';
import { startS3Server } from '../../fakes/s3/s3-server.ts';
import { tinyEngine, type TinyEngine, unwatched } from '../../helpers/tiny-engine.ts';
import { digestOfInstall } from '../crash/crash-install.ts';
import { runOperation } from '../../../main/app/operations/run-operation.ts';

const credentials = { accessKeyId: 'AKIDOFFHOST', secretAccessKey: 'secret-off-host' };

type OffHost = Readonly<{ tiny: TinyEngine; location: string; backupId: string }>;

/** A vault in a bucket with one backup, of a machine that has lost its entitlement since. */
async function expired(): Promise<OffHost> {
  const server = await startS3Server(new MemoryS3().backend);
  const location = `s3://bucket/trinity?endpoint=${server.endpoint}`;
  const tiny = await tinyEngine({ storage: { location, credentials } });
  const { backupId } = await runOperation(tiny.engine, 'backup', {}, unwatched);
  tiny.engine.entitlements.unregisterModule('backup');
  return { tiny, location, backupId };
}

describe('a bucket without the entitlement', () => {
  it('is written to by no backup, rule or rehearsal', async () => {
    const { tiny, location } = await expired();
    const refused = { kind: 'not-entitled', details: { entitlement: 'backup' } };
    await expect(runOperation(tiny.engine, 'backup', {}, unwatched)).rejects.toMatchObject(refused);
    await expect(runOperation(tiny.engine, 'drill', {}, unwatched)).rejects.toMatchObject(refused);
    await expect(
      runOperation(tiny.engine, 'prune', { dryRun: false, confirmed: true }, unwatched),
    ).rejects.toMatchObject(refused);
    await expect(
      runOperation(
        tiny.engine,
        'init',
        { location: location.replace('/trinity', '/other'), credentials },
        unwatched,
      ),
    ).rejects.toMatchObject(refused);
    const { runs } = await runOperation(tiny.engine, 'history', { limit: 10, filter: {} }, unwatched);
    // What was refused at the door was no attempt, and makes nothing look failed.
    expect(runs.map(({ operation, outcome }) => [operation, outcome])).toEqual([['backup', 'succeeded']]);
  });

  it('is read, verified and restored from by every door, with a safety backup', async () => {
    const { tiny, backupId } = await expired();
    const { engine } = tiny;
    const before = digestOfInstall(tiny);
    expect((await runOperation(engine, 'list', { trashed: false }, unwatched)).backups).toHaveLength(1);
    expect((await runOperation(engine, 'verify', { data: 'full' }, unwatched)).ok).toBe(true);
    rmSync(path.join(tiny.volumes, 'agent-one-workspace/_data/notes.txt'));
    const restored = await runOperation(
      engine,
      'restore',
      { backupId, destination: { way: 'in-place' }, safetyBackup: true },
      unwatched,
    );
    expect(restored.safetyBackupId).toMatch(/^[0-9a-f]{12}$/u);
    expect(digestOfInstall(tiny)).toBe(before);
    const folder = path.join(tiny.base, 'out');
    await runOperation(
      engine,
      'restore',
      { backupId, destination: { way: 'to', folder }, safetyBackup: false },
      unwatched,
    );
    expect(readFileSync(path.join(folder, 'memory/agent-two-workspace/notes.txt'), 'utf8')).toBe(
      'notes of two',
    );
    await runOperation(
      engine,
      'export',
      { backupId, agent: 'one', output: path.join(tiny.base, 'one.zip') },
      unwatched,
    );
    await runOperation(engine, 'pin', { backupId, isPinned: true }, unwatched);
    await runOperation(engine, 'delete', { backupId }, unwatched);
    await runOperation(engine, 'undelete', { backupId }, unwatched);
    await runOperation(engine, 'recoveryKit', { output: path.join(tiny.base, 'kit.html') }, unwatched);
    expect((await runOperation(engine, 'status', {}, unwatched)).state).toBe('protected');
  });

  it('is connected to and restored from on an empty machine', async () => {
    const { tiny, location, backupId } = await expired();
    const other = await tinyEngine({ isEntitled: false });
    const secret = { kind: 'recovery', recoveryKey: tiny.recoveryKey } as const;
    await runOperation(other.engine, 'connect', { location, secret, credentials }, unwatched);
    const folder = path.join(other.base, 'out');
    await runOperation(
      other.engine,
      'restore',
      { backupId, destination: { way: 'to', folder }, safetyBackup: false },
      unwatched,
    );
    expect(readFileSync(path.join(folder, 'memory/agent-one-workspace/notes.txt'), 'utf8')).toBe(
      'notes of one',
    );
  });
});

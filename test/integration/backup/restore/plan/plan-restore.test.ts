import fs from 'node:fs';
import { chmod, mkdir, readdir, rm, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { planRestore } from '../../../../../main/backup/restore/plan/plan-restore.ts';
import { restoreBackup } from '../../../../../main/backup/restore/restore-service.ts';
import type { RestoreRequest } from '../../../../../main/backup/services.ts';
import { createVolume } from '../../../../../main/trinity/volume-store.ts';
import type { PlanCounts, RestorePlan } from '../../../../../shared/model/restore-plan.ts';
import { rejectionOf } from '../../../../helpers/rejection.ts';
import { backedUp, echoVolume, inPlace } from '../../../../helpers/tiny-backup.ts';
import { liveState, quietly, type TinyInstall, volumeData } from '../../../../helpers/tiny-install.ts';
import { snapshotTree, type TreeSnapshot } from '../../../../helpers/tree-snapshot.ts';

const echo = `memory/${echoVolume}`;

async function planOf(tiny: TinyInstall, request: RestoreRequest) {
  const before = liveState(tiny);
  const planned = await planRestore(tiny.context, request, quietly);
  expect(liveState(tiny)).toEqual(before);
  expect(await readdir(path.join(tiny.home, 'scratch'))).toEqual([]);
  return planned;
}

function countsOf({ sources }: RestorePlan, source: string): PlanCounts {
  const counts = sources.find((each) => each.source === source)?.counts;
  if (counts === undefined || counts === null) throw new Error(`${source} was not compared.`);
  return counts;
}

/** What became of each file, by what is there before and after. */
function changesBetween(before: TreeSnapshot, after: TreeSnapshot) {
  const isFile = (text: string | undefined): boolean => text !== undefined && !text.startsWith('folder');
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const where = (test: (was: string | undefined, is: string | undefined) => boolean): number =>
    paths.filter((name) => {
      const [was, is] = [before[name], after[name]];
      return (isFile(was) || isFile(is)) && test(was, is);
    }).length;
  return {
    changed: where((was, is) => isFile(was) && isFile(is) && was !== is),
    added: where((was, is) => isFile(is) && !isFile(was)),
    removed: where((was, is) => isFile(was) && !isFile(is)),
  };
}

async function change(data: string): Promise<void> {
  await writeFile(path.join(data, 'content/big.bin'), 'overwritten');
  await chmod(path.join(data, '.ssh/id'), 0o644);
  await rm(path.join(data, 'CLAUDE.md'));
  await rm(path.join(data, 'empty'), { recursive: true });
  await mkdir(path.join(data, 'later/deep'), { recursive: true });
  await writeFile(path.join(data, 'later/deep/one.txt'), 'since');
  await writeFile(path.join(data, 'later/two.txt'), 'since, too');
  await rm(path.join(data, 'relative'));
  await symlink('elsewhere', path.join(data, 'relative'));
  await writeFile(path.join(data, '.cache/more'), 'rebuildable');
}

describe('the numbers of a plan', () => {
  it('are what the restore then does to a volume, by name', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    await change(data);
    const before = snapshotTree(data);
    const { plan, paths } = await planOf(tiny, inPlace(backupId, { agents: ['echo'] }));
    const outcome = await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'] }), quietly);
    const after = snapshotTree(data);
    const counts = countsOf(plan, echo);
    const { changed, added, removed } = counts;
    expect({ changed: changed.files, added: added.files, removed: removed.files }).toEqual(
      changesBetween(before, after),
    );
    expect(changed.files + added.files + counts.unchanged.files).toBe(
      Object.values(after).filter((text) => !text.startsWith('folder')).length - 2,
    );
    for (const each of paths) {
      expect(each.source).toBe(echo);
      const isThere = [before[each.path] !== undefined, after[each.path] !== undefined];
      expect(isThere).toEqual(
        { changed: [true, true], added: [false, true], removed: [true, false] }[each.change],
      );
    }
    expect(paths.map(({ path: name }) => name)).toContain('later/deep/one.txt');
    expect(counts.kept).toEqual({ excluded: 1, unread: 0, special: 0 });
    expect(counts.folders).toBe(3);
    const kept = outcome.notes.find(({ code }) => code === 'carried-over');
    expect(kept?.message).toContain('One file or folder');
    expect(removed.bytes).toBe('since'.length + 'since, too'.length);
  });

  it('say that nothing differs after the restore, though each file is touched', async () => {
    const { tiny, backupId } = await backedUp();
    const request = inPlace(backupId, { only: ['memory', 'files'] });
    await change(volumeData(tiny, echoVolume));
    await writeFile(path.join(tiny.data, 'agent-files/younger'), 'since');
    await restoreBackup(tiny.context, request, quietly);
    const { plan } = await planOf(tiny, request);
    for (const { source, counts, held } of plan.sources) {
      expect(counts).toMatchObject({
        changed: { files: 0 },
        added: { files: 0 },
        removed: { files: 0 },
        // Each volume has two links besides.
        unchanged: { files: held.files + (source === 'files' ? 0 : 2) },
        folders: 0,
      });
    }
  });

  it('see a change that left size and time alone', async () => {
    const { tiny, backupId } = await backedUp();
    const file = path.join(volumeData(tiny, echoVolume), '.ssh/id');
    const { atimeMs, mtimeMs, mtime, atime } = fs.statSync(file);
    await writeFile(file, 'SECRET');
    await utimes(file, atime, mtime);
    expect([atimeMs, mtimeMs].every((time) => time > 0)).toBe(true);
    const { paths } = await planOf(tiny, inPlace(backupId, { agents: ['echo'] }));
    expect(paths).toEqual([{ source: echo, change: 'changed', path: '.ssh/id', bytes: 6 }]);
  });

  it('are of the paths alone that were asked for', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    await change(data);
    await writeFile(path.join(data, 'content/younger'), 'since');
    const request = inPlace(backupId, { agents: ['echo'], paths: ['content', 'CLAUDE.md'] });
    const before = snapshotTree(data);
    const { plan, paths } = await planOf(tiny, request);
    await restoreBackup(tiny.context, request, quietly);
    const { changed, added, removed } = countsOf(plan, echo);
    expect({ changed: changed.files, added: added.files, removed: removed.files }).toEqual(
      changesBetween(before, snapshotTree(data)),
    );
    expect(paths.filter((each) => each.change === 'removed').map((each) => each.path)).toEqual([
      'content/younger',
    ]);
    expect(plan.sources).toMatchObject([{ paths: 2 }]);
  });

  it('say that all around a lost file is backed up before, as it is', async () => {
    const { tiny, backupId } = await backedUp();
    await rm(path.join(volumeData(tiny, echoVolume), 'CLAUDE.md'));
    const request = inPlace(backupId, { agents: ['echo'], paths: ['CLAUDE.md'] });
    expect((await planOf(tiny, request)).plan.safetyBackup).toBe('made');
    const { safetyBackupId } = await restoreBackup(tiny.context, request, quietly);
    expect(safetyBackupId).not.toBeNull();
  });

  it('count all of a volume that is gone, and where folders and files have changed places', async () => {
    const { tiny, backupId } = await backedUp();
    const data = volumeData(tiny, echoVolume);
    const files = Object.values(snapshotTree(data)).filter((text) => !text.startsWith('folder')).length - 1;
    await rename(path.dirname(data), path.join(tiny.base, 'aside'));
    const gone = await planOf(tiny, inPlace(backupId, { agents: ['echo'] }));
    expect(countsOf(gone.plan, echo)).toMatchObject({ added: { files }, changed: { files: 0 } });
    expect(gone.plan.safetyBackup).toBe('nothing-live');
    await rename(path.join(tiny.base, 'aside'), path.dirname(data));
    await rm(path.join(data, 'content'), { recursive: true });
    await writeFile(path.join(data, 'content'), 'a file now');
    await rm(path.join(data, 'CLAUDE.md'));
    await mkdir(path.join(data, 'CLAUDE.md'));
    await writeFile(path.join(data, 'CLAUDE.md/inside'), 'in the way');
    const before = snapshotTree(data);
    const { plan } = await planOf(tiny, inPlace(backupId, { agents: ['echo'] }));
    await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'] }), quietly);
    const done = changesBetween(before, snapshotTree(data));
    const { changed, added, removed } = countsOf(plan, echo);
    expect(changed.files + added.files).toBe(done.changed + done.added);
    expect(removed.files).toBe(done.removed);
  });

  it('say of .env only what its merging changes, and name what stays', async () => {
    const { tiny, backupId } = await backedUp();
    const env = path.join(tiny.folder, '.env');
    const same = await planOf(tiny, inPlace(backupId, { only: ['config'] }));
    expect(countsOf(same.plan, 'config')).toMatchObject({ changed: { files: 0 }, added: { files: 0 } });
    fs.writeFileSync(env, fs.readFileSync(env, 'utf8').replace('8081', '9999').replace('one', 'two'));
    const { plan, paths } = await planOf(tiny, inPlace(backupId, { only: ['config'] }));
    expect(paths.map((each) => each.path)).toEqual(['.env']);
    expect(plan.notes.find(({ code }) => code === 'env-kept')?.message).toContain('FRONTEND_PORT');
  });
});

describe('what a plan says besides', () => {
  it('names agents and volumes that are younger than the database that comes back', async () => {
    const { tiny, backupId } = await backedUp();
    const data = await createVolume(tiny.volumes, 'agent-newest-workspace', {});
    await writeFile(path.join(data, 'work.txt'), 'of today');
    const database = new Database(tiny.database);
    database.exec("INSERT INTO agent_ownership (agent_name) VALUES ('newest'), ('volumeless')");
    database.close();
    const { plan } = await planOf(tiny, inPlace(backupId));
    expect(plan.younger).toEqual({ agents: ['newest', 'volumeless'], volumes: ['agent-newest-workspace'] });
    expect(plan.quiet).toEqual({ isOn: false, reason: null, schedules: ['echo/morning'], waitingRuns: 4 });
    expect(plan.sources.find(({ source }) => source === 'persistence')).toMatchObject({ way: 'replaced' });
    expect(plan).toMatchObject({ stops: null, safetyBackup: 'made', versions: { state: 'same' } });
  });

  it('names volumes that come back without their agent, and old data that starts quietly', async () => {
    let now = Date.parse('2026-03-01T00:00:00Z');
    const { tiny, backupId } = await backedUp({ now: () => now });
    now += 25 * 3_600_000;
    const whole = await planOf(tiny, inPlace(backupId, { only: ['persistence'] }));
    expect(whole.plan.quiet).toMatchObject({ isOn: true, reason: 'old' });
    const database = new Database(tiny.database);
    database.exec("DELETE FROM agent_ownership WHERE agent_name = 'echo'");
    database.close();
    const { plan } = await planOf(tiny, inPlace(backupId, { agents: ['echo'] }));
    expect(plan).toMatchObject({ ownerless: [echoVolume], quiet: null });
  });

  it('offers the choice where the live key opens nothing of the backup, and the restore follows it', async () => {
    const { tiny, backupId } = await backedUp();
    const env = path.join(tiny.folder, '.env');
    fs.writeFileSync(env, `CREDENTIAL_ENCRYPTION_KEY=${'cd'.repeat(32)}\n`);
    const request = inPlace(backupId, { agents: ['echo'] });
    expect((await planOf(tiny, request)).plan.keys).toEqual({ state: 'held', choice: 'secondary' });
    const left = await planOf(tiny, { ...request, keys: 'leave' });
    expect(left.plan.keys).toEqual({ state: 'held', choice: 'leave' });
    const before = fs.readFileSync(env, 'utf8');
    const { warnings } = await restoreBackup(tiny.context, { ...request, keys: 'leave' }, quietly);
    expect(warnings.map(({ code }) => code)).toContain('credentials-lost');
    expect(fs.readFileSync(env, 'utf8')).toBe(before);
  });

  it('adds up what is needed by file system, and says how long it takes by earlier restores', async () => {
    const { tiny, backupId } = await backedUp();
    await writeFile(path.join(volumeData(tiny, echoVolume), 'content/big.bin'), 'overwritten');
    const request = inPlace(backupId, { agents: ['echo'] });
    const speed = { bytesPerMs: 1, stoppedMs: [] };
    const { plan } = await planRestore(tiny.context, request, quietly, speed);
    // What is staged, and what the safety backup may add, are on one disk here.
    expect(plan.space).toMatchObject([{ neededBytes: 40_000 + 4096 + 'overwritten'.length }]);
    expect(plan.estimatedMs).toBe(40_000 + 4096);
    expect((await planOf(tiny, request)).plan.estimatedMs).toBeNull();
  });

  it('is apart for a folder, and refuses what the restore would refuse', async () => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(tiny.base, 'out');
    const to = { ...inPlace(backupId, { agents: ['echo'] }), destination: { way: 'to', folder } } as const;
    const { plan } = await planOf(tiny, to);
    expect(plan).toMatchObject({ destination: { way: 'to', folder }, sources: [{ way: 'apart' }] });
    expect(fs.existsSync(folder)).toBe(false);
    await mkdir(folder);
    await writeFile(path.join(folder, 'something'), '');
    expect(await rejectionOf(planRestore(tiny.context, to, quietly))).toMatchObject({ kind: 'usage' });
    fs.writeFileSync(path.join(tiny.folder, 'VERSION'), '0.1.0\n');
    const newer = planRestore(tiny.context, inPlace(backupId), quietly);
    expect(await rejectionOf(newer)).toMatchObject({ kind: 'refused' });
  });

  it('ends at once when it is cancelled', async () => {
    const { tiny, backupId } = await backedUp();
    const cancel = new AbortController();
    const options = { signal: cancel.signal, onProgress: () => cancel.abort(new Error('enough')) };
    const planned = planRestore(tiny.context, inPlace(backupId, { only: ['memory'] }), options);
    expect(await rejectionOf(planned)).toMatchObject({ kind: 'cancelled' });
  });
});

import { mkdirSync, readdirSync, renameSync, rmdirSync, utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectGarbage } from '../../../../main/backup/collect-service.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import type { StorageHook } from '../../../../main/storage/storage-hook.ts';
import { openFolderStorage } from '../../../../main/storage/folder-storage.ts';
import { openWithKeys } from '../../../../main/vault/open-vault.ts';
import type { OpenedVault } from '../../../../main/vault/open-vault.ts';
import { CopyLab } from '../../../helpers/copy-lab.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { smallDisk } from '../../../helpers/small-disk.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { quietly } from '../../../helpers/tiny-install.ts';
import { noise } from '../../../helpers/packed-chunks.ts';

type Stop = Readonly<{ hook: StorageHook; reached: Promise<void>; goOn: () => void }>;

/** Stops the first call of this operation for such a name until it is let go. */
function stopAt(operation: string, prefix: string): Stop {
  const reached = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  onTestFinished(() => allowed.resolve());
  const hook: StorageHook = async (call) => {
    if (call.operation !== operation || call.moment !== 'before' || !call.name.startsWith(prefix)) return;
    reached.resolve();
    await allowed.promise;
  };
  return { hook, reached: reached.promise, goOn: () => allowed.resolve() };
}

/** The copy as another machine has it open, which knows nothing of our locks. */
async function elsewhere(lab: CopyLab): Promise<OpenedVault> {
  const storage = await openFolderStorage(lab.copyFolder, { reserveBytes: 1024 });
  const hostLockFolder = path.join(await tempFolder(), 'locks');
  return openWithKeys({ storage, hostLockFolder, host: 'another machine' }, lab.source.vaultKeys);
}

describe('a copy on a disk that is full', () => {
  it('gets what fits, says so, and goes on from there when there is room', async (context) => {
    const disk = await smallDisk(context, 2);
    const lab = await CopyLab.make(path.join(disk.folder, 'copy'));
    const small = await lab.backUp(['config']);
    await lab.copy();
    await writeFile(path.join(lab.tiny.data, 'agent-files/large'), noise(5_000_000, 1));
    const large = await lab.backUp();
    expect(await rejectionOf(lab.copy())).toMatchObject({ kind: 'failed', details: { full: true } });
    expect(await lab.listed()).toEqual([small]);
    expect(await lab.verify()).toMatchObject({ ok: true });
    await disk.grow(64);
    expect(await lab.copy()).toMatchObject({ copied: [large], problems: [] });
    expect(await lab.verify()).toMatchObject({ ok: true });
  });

  it('is left some room by the same rule as the vault', async () => {
    const lab = await CopyLab.make();
    await lab.backUp(['config']);
    const storage = await openFolderStorage(lab.copyFolder, { reserveBytes: 1024 });
    const freeSpace = { shareOfTotal: 0, bytes: 1e15 };
    const hostLockFolder = path.join(lab.tiny.home, 'locks');
    await using target = openWithKeys({ storage, hostLockFolder, freeSpace }, lab.source.vaultKeys);
    expect(await rejectionOf(lab.copy({ target }))).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('nearly full'),
    });
    expect(await lab.listed()).toEqual([]);
  });
});

describe('a copy whose disk or share goes away', () => {
  it('while it is written: nothing is made on its mount point, and the run goes on where it was when it is back', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp();
    const away = `${lab.copyFolder}-away`;
    const stop = stopAt('put', 'index/');
    const copying = rejectionOf(lab.copy({ target: await lab.openCopy({ hook: stop.hook }) }));
    await stop.reached;
    const sent = readdirSync(path.join(lab.copyFolder, 'packs'), { recursive: true }).length;
    renameSync(lab.copyFolder, away);
    mkdirSync(lab.copyFolder);
    stop.goOn();
    expect(await copying).toMatchObject({ kind: 'unavailable' });
    expect(readdirSync(lab.copyFolder)).toEqual([]);
    expect(await rejectionOf(lab.openCopy())).toMatchObject({
      kind: 'unavailable',
      details: { absent: true },
    });
    rmdirSync(lab.copyFolder);
    renameSync(away, lab.copyFolder);
    expect(sent).toBeGreaterThan(0);
    expect(await lab.copy()).toMatchObject({ copied: [id], sentPacks: 0 });
    expect(await lab.verify()).toMatchObject({ ok: true });
  });

  it('while it hangs: the vault is backed up and restored meanwhile, and the run ends by itself or when it is cancelled', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp(['config']);
    const stop = stopAt('put', 'packs/');
    const hanging = rejectionOf(
      lab.copy({ target: await lab.openCopy({ hook: stop.hook, stallLimitMs: 1500 }) }),
    );
    await stop.reached;
    expect(await lab.backUp(['config'])).not.toBe(id);
    const folder = path.join(lab.tiny.base, 'restored');
    const request = { backupId: id, destination: { way: 'to', folder }, safetyBackup: true } as const;
    expect((await restoreBackup(lab.context, request, quietly)).restored).toEqual(['config']);
    expect(await hanging).toMatchObject({ kind: 'unavailable', details: { stalled: true } });
    const again = stopAt('put', 'packs/');
    const cancel = new AbortController();
    const target = await lab.openCopy({ hook: again.hook });
    const cancelled = rejectionOf(lab.copy({ target }, cancel.signal));
    await again.reached;
    cancel.abort();
    expect(await cancelled).toBeDefined();
    again.goOn();
    expect(await lab.copy()).toMatchObject({ copied: [expect.any(String), id], problems: [] });
  });
});

describe('two who write to one copy', () => {
  it('never do so at once: the second is told, and both are done in the end', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp(['config']);
    const stop = stopAt('put', 'packs/');
    const first = lab.copy({ target: await lab.openCopy({ hook: stop.hook }) });
    await stop.reached;
    expect(await rejectionOf(lab.copy())).toMatchObject({ kind: 'busy' });
    const other = await elsewhere(lab);
    expect(await rejectionOf(lab.copy({ target: other }))).toMatchObject({ kind: 'busy' });
    stop.goOn();
    expect((await first).copied).toEqual([id]);
    expect(await lab.copy({ target: other })).toMatchObject({ copied: [], problems: [] });
    expect(await lab.verify()).toMatchObject({ ok: true });
  });

  it('take over from one that died on another machine, once its record is old', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp(['config']);
    const dead = await (await elsewhere(lab)).lock('copy');
    onTestFinished(async () => await dead[Symbol.asyncDispose]());
    expect(await rejectionOf(lab.copy())).toMatchObject({ kind: 'busy' });
    const old = new Date(Date.now() - 6 * 60_000);
    for (const name of readdirSync(path.join(lab.copyFolder, 'locks'))) {
      utimesSync(path.join(lab.copyFolder, 'locks', name), old, old);
    }
    expect((await lab.copy()).copied).toEqual([id]);
  });

  it('list nothing of one that slept and was overtaken', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp(['config']);
    const stop = stopAt('put', 'index/');
    const asleep = rejectionOf(lab.copy({ target: await lab.openCopy({ hook: stop.hook }) }));
    await stop.reached;
    const old = new Date(Date.now() - 6 * 60_000);
    for (const name of readdirSync(path.join(lab.copyFolder, 'locks'))) {
      utimesSync(path.join(lab.copyFolder, 'locks', name), old, old);
    }
    const other = await elsewhere(lab);
    // What nothing needs yet is marked and deleted meanwhile.
    for (let times = 0; times < 2; times += 1)
      await collectGarbage({ ...lab.context, vault: other }, quietly);
    stop.goOn();
    expect(await asleep).toMatchObject({ details: { lockLost: true } });
    expect(await lab.listed()).toEqual([]);
    expect((await lab.copy()).copied).toEqual([id]);
    expect(await lab.verify()).toMatchObject({ ok: true });
  });
});

describe('a source that is collected while it is copied', () => {
  it('keeps what the run reads', async () => {
    const lab = await CopyLab.make();
    const first = await lab.backUp();
    lab.change('something of its own');
    const second = await lab.backUp();
    const stop = stopAt('put', 'packs/');
    const copying = lab.copy({ target: await lab.openCopy({ hook: stop.hook }) });
    await stop.reached;
    {
      await using writer = await lab.source.openWriter('test');
      await writer.trash(first, 0);
    }
    for (let times = 0; times < 2; times += 1) await collectGarbage(lab.context, quietly);
    stop.goOn();
    const outcome = await copying;
    expect(outcome.copied).toContain(second);
    expect(await lab.verify()).toMatchObject({ ok: true });
    expect(await lab.restored(second)).toEqual(await lab.restored(second, lab.tiny.vaultFolder));
    await lab.copy({ confirmed: true });
    expect(await lab.listed()).toEqual([second]);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createBackup } from '../../main/backup/run/backup-service.ts';
import { runCopy } from '../../main/backup/copies/run-copy.ts';
import type { CopyOutcome, CopyRequest } from '../../main/backup/copies/run-copy.ts';
import { restoreBackup } from '../../main/backup/restore/restore-service.ts';
import type { ServiceContext, VerifyOutcome } from '../../main/backup/services.ts';
import { verifyVault } from '../../main/backup/verify-service.ts';
import { createFolderStorage, openFolderStorage } from '../../main/storage/folder-storage.ts';
import type { OpenFolderOptions } from '../../main/storage/folder-storage.ts';
import { openVault, openWithKeys } from '../../main/vault/open-vault.ts';
import type { OpenedVault } from '../../main/vault/open-vault.ts';
import { makeCopy } from '../../main/vault/replication/make-copy.ts';
import { tempFolder } from './temp-folder.ts';
import { contextOf } from './tiny-context.ts';
import { quietly, tinyInstall, volumeData } from './tiny-install.ts';
import type { TinyInstall } from './tiny-install.ts';
import { snapshotTree } from './tree-snapshot.ts';
import type { TreeSnapshot } from './tree-snapshot.ts';

const noRule = { shareOfTotal: 0, bytes: 0 };

/** A tiny install with its vault, and places that are copies of it. */
export class CopyLab {
  readonly tiny: TinyInstall;
  readonly copyFolder: string;
  /** What the run before left, as the home of a real one remembers it. */
  settled: readonly string[] = [];

  private constructor(tiny: TinyInstall, copyFolder: string) {
    this.tiny = tiny;
    this.copyFolder = copyFolder;
  }

  /** `folder`: where the copy is made; a new one beside the vault unless said otherwise. */
  static async make(folder?: string): Promise<CopyLab> {
    const tiny = await tinyInstall();
    const lab = new CopyLab(tiny, folder ?? path.join(tiny.base, 'copy'));
    await lab.makeCopyAt(lab.copyFolder);
    return lab;
  }

  get source(): OpenedVault {
    return this.tiny.vault;
  }

  get context(): ServiceContext {
    return this.tiny.context;
  }

  async makeCopyAt(folder: string): Promise<void> {
    const storage = await createFolderStorage(folder, { reserveBytes: 1024 });
    await makeCopy(this.source.storage, storage, this.source.ring);
  }

  /** A copy as a run opens it: by the keys of its vault. */
  async openCopy(options: OpenFolderOptions = {}, folder = this.copyFolder): Promise<OpenedVault> {
    const storage = await openFolderStorage(folder, { reserveBytes: 1024, ...options });
    const copy = openWithKeys(
      { storage, hostLockFolder: path.join(this.tiny.home, 'locks'), freeSpace: noRule },
      this.source.vaultKeys,
    );
    onTestFinished(async () => await copy[Symbol.asyncDispose]());
    return copy;
  }

  /** A place as a machine opens it that has nothing but the recovery key. */
  async reopen(folder = this.copyFolder): Promise<OpenedVault> {
    const vault = await openVault({
      storage: await openFolderStorage(folder, { reserveBytes: 1024 }),
      hostLockFolder: path.join(await tempFolder(), 'locks'),
      secret: { kind: 'recovery', recoveryKey: this.tiny.recoveryKey },
      freeSpace: noRule,
    });
    onTestFinished(async () => await vault[Symbol.asyncDispose]());
    return vault;
  }

  /** `only` what is quick to back up, where it does not matter what is in the backup. */
  async backUp(only?: readonly string[]): Promise<string> {
    const request = { trigger: 'manual', ...(only === undefined ? {} : { only }) } as const;
    return (await createBackup(this.context, request, quietly)).backupId;
  }

  /** Changes a file of an agent, so that the next backup stores something. */
  change(text: string): void {
    writeFileSync(path.join(volumeData(this.tiny, 'agent-echo-workspace'), 'CLAUDE.md'), text);
  }

  /** One run, which remembers what the next one is to know. */
  async copy(request: Partial<CopyRequest> = {}, signal = quietly.signal): Promise<CopyOutcome> {
    const target = request.target ?? (await this.openCopy());
    const outcome = await runCopy(
      {
        source: this.source,
        target,
        rules: undefined,
        trashDays: 7,
        settled: new Set(this.settled),
        confirmed: false,
        now: Date.now,
        ...request,
      },
      { signal },
    );
    this.settled = outcome.settled;
    return outcome;
  }

  /** Ids of the live backups of a place, newest first, as a machine with the recovery key sees them. */
  async listed(folder = this.copyFolder): Promise<readonly string[]> {
    const { manifests, unreadable } = await (await this.reopen(folder)).listManifests();
    expect(unreadable).toEqual([]);
    return manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest.backupId);
  }

  /** A full verify of a place by a machine with the recovery key. */
  async verify(folder = this.copyFolder): Promise<VerifyOutcome> {
    const vault = await this.reopen(folder);
    return await verifyVault(contextOf({ ...this.tiny, vault }), { data: 'full' }, quietly);
  }

  /** What a restore of a backup out of a place writes. */
  async restored(backupId: string, folder = this.copyFolder): Promise<TreeSnapshot> {
    const to = await tempFolder();
    const target = path.join(to, 'back');
    const context = contextOf({ ...this.tiny, vault: await this.reopen(folder) });
    const request = { backupId, destination: { way: 'to', folder: target }, safetyBackup: true } as const;
    await restoreBackup(context, request, quietly);
    const tree = Object.entries(snapshotTree(target)).filter(([name]) => name !== '' && name !== 'memory');
    const timeless = (name: string, what: string): string =>
      name.startsWith('persistence') ? what.replace(/ [0-9]+$/u, '') : what;
    return Object.fromEntries(tree.map(([name, what]) => [name, timeless(name, what)]));
  }
}

/** Changes one bit of an object: where its data lies, or in the padding of a pack, which no chunk has. */
export function flipIn(folder: string, name: string, where: 'data' | 'padding' = 'data'): void {
  const file = path.join(folder, name);
  const bytes = readFileSync(file);
  const footerBytes = bytes.length < 32 ? 0 : bytes.readUInt32LE(bytes.length - 24);
  const place = where === 'data' ? Math.floor(bytes.length / 20) : bytes.length - 32 - footerBytes - 1;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  writeFileSync(file, bytes);
}

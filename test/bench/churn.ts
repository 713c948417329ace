import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createBackup } from '../../main/backup/run/backup-service.ts';
import { collectGarbage } from '../../main/backup/collect-service.ts';
import { restoreBackup } from '../../main/backup/restore/restore-service.ts';
import { pruneBackups } from '../../main/backup/retention/prune.ts';
import type { RunOptions, ServiceContext } from '../../main/backup/services.ts';
import { builtInRegistry } from '../../main/components/registry.ts';
import { createFolderStorage } from '../../main/storage/folder-storage.ts';
import type { ObjectInfo, Storage } from '../../main/storage/storage.ts';
import { readInstall } from '../../main/trinity/read-install.ts';
import { newRecoveryKey } from '../../main/vault/keys/recovery-key.ts';
import { createVault } from '../../main/vault/open-vault.ts';
import { backupSettings } from '../../shared/model/settings.ts';
import { numbersOf, textOf, writeSmallFiles } from './data.ts';
import { type BenchInstall, makeInstall } from './install.ts';
import { folderBytes, median } from './run.ts';

const dayMs = 24 * 60 * 60 * 1000;
const fileCount = 5000;
const meanBytes = 16_384;
const restoreRounds = 9;
/** Only the newest stays, so that what is stored can be held against one state of the data. */
const retention = { newest: 1, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 365 };
const options: RunOptions = { signal: new AbortController().signal };

export type Churn = Readonly<{
  storedBytes: number;
  freshBytes: number;
  /** How many times as long a restore takes as from a new vault of the same state. */
  restoreRatio: number;
}>;

/** Days in which one file in a hundred changes, each with a backup, pruned and collected weekly, on a clock of our own. */
export async function liveThroughChurn(work: string, days: number): Promise<Churn> {
  const install = await makeInstall(work, 'churn');
  const data = path.join(install.data, 'data');
  await writeSmallFiles(data, fileCount, meanBytes);
  const year = await openYear(work, 'year', install);
  let backupId = await year.backup();
  const next = numbersOf(4);
  for (let day = 1; day <= days; day += 1) {
    year.passDays(1);
    for (let change = 0; change < fileCount / 100; change += 1) {
      const index = Math.floor(next() * fileCount);
      const file = path.join(data, `${Math.floor(index / 200)}/file-${index}.txt`);
      await writeFile(file, textOf(next, Math.floor(next() * 2 * meanBytes)));
    }
    backupId = await year.backup();
    if (day % 7 === 0) await year.tidyUp();
  }
  // The last trash and the last marks have their time.
  for (let week = 0; week < 3; week += 1) {
    year.passDays(8);
    await year.tidyUp();
  }
  const fresh = await openYear(work, 'fresh', install);
  const freshId = await fresh.backup();
  // In turn, so that both meet the same load of the machine; what day 1 was a year ago would not.
  const ratios: number[] = [];
  for (let round = 0; round < restoreRounds; round += 1) {
    const newSeconds = await fresh.restoreSeconds(freshId);
    ratios.push((await year.restoreSeconds(backupId)) / newSeconds);
  }
  return {
    storedBytes: await year.storedBytes(),
    freshBytes: await fresh.storedBytes(),
    restoreRatio: median(ratios),
  };
}

type Year = Readonly<{
  passDays: (days: number) => void;
  backup: () => Promise<string>;
  tidyUp: () => Promise<void>;
  restoreSeconds: (backupId: string) => Promise<number>;
  storedBytes: () => Promise<number>;
}>;

async function openYear(work: string, name: string, install: BenchInstall): Promise<Year> {
  let aheadMs = 0;
  const folder = path.join(work, `churn-${name}-vault`);
  const home = path.join(work, `churn-${name}-home`);
  await mkdir(home, { recursive: true });
  const storage = shifted(await createFolderStorage(folder, { reserveBytes: 0 }), () => aheadMs);
  const vault = await createVault({
    storage,
    hostLockFolder: path.join(home, 'locks'),
    secrets: [{ kind: 'recovery', recoveryKey: newRecoveryKey() }],
    now: Date.now(),
  });
  const place = { folder: install.folder, volumesRoot: install.volumes };
  const context: ServiceContext = {
    vault,
    installSettings: { installId: '1'.repeat(32), ...place },
    settings: { ...backupSettings.parse({}), retention },
    registry: builtInRegistry(),
    isEntitled: () => true,
    readInstall: async () => await readInstall(place),
    home,
    productVersion: 'bench',
    now: () => Date.now() + aheadMs,
  };
  return {
    passDays: (days) => {
      aheadMs += days * dayMs;
    },
    backup: async () => (await createBackup(context, { trigger: 'scheduled' }, options)).backupId,
    tidyUp: async () => {
      await pruneBackups(context, { dryRun: false, confirmed: true }, options);
      await collectGarbage(context, options);
    },
    restoreSeconds: async (backupId) =>
      await restoreSeconds(context, backupId, path.join(work, 'churn-restored')),
    storedBytes: async () => await folderBytes(folder),
  };
}

async function restoreSeconds(context: ServiceContext, backupId: string, folder: string): Promise<number> {
  const started = performance.now();
  const destination = { way: 'to', folder } as const;
  await restoreBackup(context, { backupId, destination, safetyBackup: false }, options);
  const seconds = (performance.now() - started) / 1000;
  await rm(folder, { recursive: true });
  return seconds;
}

/** The same storage in a later time. */
function shifted(storage: Storage, aheadMs: () => number): Storage {
  const later = (info: ObjectInfo): ObjectInfo => ({ ...info, modifiedMs: info.modifiedMs + aheadMs() });
  return new Proxy(storage, {
    get: (target, property) => {
      if (property === 'now') return async () => (await target.now()) + aheadMs();
      if (property === 'stat') {
        return async (...args: Parameters<Storage['stat']>) => {
          const info = await target.stat(...args);
          return info === undefined ? undefined : later(info);
        };
      }
      if (property === 'list') {
        return async function* list(...args: Parameters<Storage['list']>) {
          for await (const info of target.list(...args)) yield later(info);
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWithKeys } from '../../../main/vault/open-vault.ts';
import type { StorageHook } from '../../../main/storage/storage-hook.ts';
import { openFolderStorage } from '../../../main/storage/folder-storage.ts';
import { runCopy } from '../../../main/backup/copies/run-copy.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import type { CrashLab, LabContext } from './crash-lab.ts';
import {
  type CrashCase,
  failAtEveryCall,
  killAtEveryCall,
  killAtRandom,
  type Prepared,
} from './every-call.ts';

const timeout = 900_000;

function copyOf(lab: CrashLab): string {
  return path.join(lab.folder, 'copy');
}

/** Whatever is listed at the copy is whole there. */
async function copyIsSound(lab: CrashLab): Promise<readonly string[]> {
  const { backupIds, damaged } = await lab.inspect(copyOf(lab));
  // Second copies of keys and pins may not be written yet.
  expect(damaged.filter((name) => !/^keys\/|^marks\/pin-/u.test(name))).toEqual([]);
  return backupIds;
}

function prepared(lab: CrashLab, backupIds: readonly string[], gone: readonly string[] = []): Prepared {
  return {
    args: ['copies', 'run'],
    backupIds,
    mayGo: gone,
    service: async (context, hook) => await copyInProcess(lab, context, hook),
    checkFailed: async () => void (await copyIsSound(lab)),
    retryEvery: 5,
    checkKilled: async () => void (await copyIsSound(lab)),
    check: async () => {
      const { backupIds: copied, damaged } = await lab.inspect(copyOf(lab));
      expect(damaged).toEqual([]);
      expect([...copied].toSorted()).toEqual([...(await lab.listed())].toSorted());
    },
  };
}

async function copyInProcess(lab: CrashLab, { vault }: LabContext, hook?: StorageHook): Promise<void> {
  const options = { reserveBytes: 1024, ...(hook === undefined ? {} : { hook }) };
  const storage = await openFolderStorage(copyOf(lab), options);
  const hostLockFolder = path.join(lab.folder, 'state/trinity-backup/locks');
  await using target = openWithKeys({ storage, hostLockFolder }, vault.vaultKeys);
  const request = {
    rules: undefined,
    trashDays: 7,
    settled: new Set<string>(),
    confirmed: true,
    now: Date.now,
  };
  await runCopy({ ...request, source: vault, target }, quietly);
}

const first: CrashCase = async (lab) => {
  const one = await lab.backUp();
  lab.change();
  const two = await lab.backUp();
  await lab.succeed(['copies', 'add', copyOf(lab), '--name', 'copy']);
  return prepared(lab, [one, two]);
};

/** Of three backups one went to the trash; there is a new one, and a new key. */
const later: CrashCase = async (lab) => {
  const ids: string[] = [];
  for (let made = 0; made < 3; made += 1) ids.push(await lab.backUp());
  await lab.succeed(['copies', 'add', copyOf(lab), '--name', 'copy']);
  await lab.succeed(['copies', 'run']);
  await lab.succeed(['delete', ids[0] ?? '']);
  await lab.succeed(['pin', ids[1] ?? '']);
  await lab.succeed(['keys', 'new-recovery-key']);
  lab.change();
  ids.push(await lab.backUp());
  return prepared(lab, ids.slice(1));
};

describe('a first run that copies the vault', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(first));
  it('may be killed at any moment', { timeout }, async () => await killAtRandom(first, 6));
});

describe('a run that copies what has changed', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(later));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(later));
});

describe('a copy that is being made', () => {
  it('may be killed at every storage call', { timeout }, async () => {
    await killAtEveryCall(async (lab) => {
      const id = await lab.backUp();
      const add = ['copies', 'add', copyOf(lab), '--name', 'copy'];
      return {
        args: add,
        next: ['list'],
        backupIds: [id],
        service: async () => await Promise.resolve(),
        check: async () => {
          const ended = await lab.run(add);
          // It is made now, or was made by the run that was killed.
          expect([ended.code, ended.stderr]).toEqual([expect.toBeOneOf([0, 2, 3]), expect.any(String)]);
          await lab.succeed(['copies', 'run']);
          expect(await copyIsSound(lab)).toEqual([id]);
        },
      };
    });
  });
});

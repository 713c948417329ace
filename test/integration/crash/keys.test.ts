import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { addSlot, rotateMasterKey, unlockVault } from '../../../main/vault/keys/vault-keys.ts';
import type { VaultKeys } from '../../../main/vault/keys/vault-keys.ts';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import type { OpenedVault } from '../../../main/vault/open-vault.ts';
import type { CrashLab } from './crash-lab.ts';
import { type CrashCase, failAtEveryCall, killAtEveryCall, type Prepared } from './every-call.ts';

const timeout = 900_000;
const keyList = z.object({ generation: z.number(), keys: z.array(z.unknown()) });
const made = z.object({ recoveryKey: z.string() });

/** A vault with a backup, whose keys are changed. A backup comes next: it needs the keys, and repairs their copies. */
function keyChange(
  args: (lab: CrashLab) => readonly string[],
  change: (vault: OpenedVault) => Promise<VaultKeys>,
): CrashCase {
  return async (lab) => {
    const backupId = await lab.backUp();
    const before = keyList.parse(await lab.succeed(['keys', 'list']));
    return {
      args: args(lab),
      next: ['backup'],
      backupIds: [backupId],
      // Where the second copy of the keys was not written yet.
      mayLack: /^keys\//u,
      check: async () => await checkKeys(lab, before),
      service: async ({ vault }) => {
        await using writer = await vault.openWriter('keys');
        writer.signal.throwIfAborted();
        vault.useKeys(await change(vault));
        await vault.listManifests();
      },
    } satisfies Prepared;
  };
}

/** The keys are those of before or one more, and what was printed when the vault was made opens it. */
async function checkKeys(lab: CrashLab, before: z.infer<typeof keyList>): Promise<void> {
  const { generation, keys } = keyList.parse(await lab.succeed(['keys', 'list']));
  expect(generation - before.generation).toBeOneOf([0, 1]);
  expect(keys.length - before.keys.length).toBeOneOf([0, 1]);
  expect(generation - before.generation + keys.length - before.keys.length).toBeOneOf([0, 1]);
  await lab.withServices(async ({ vault }) => {
    const { recoveryKey } = lab;
    const opened = await unlockVault(vault.storage, { kind: 'recovery', recoveryKey });
    expect(opened.ring.generation).toBe(generation);
  });
}

const rotate = keyChange(
  () => ['keys', 'rotate'],
  async ({ storage, vaultKeys }) => await rotateMasterKey(storage, vaultKeys, { now: Date.now() }),
);

const newRecovery = keyChange(
  () => ['keys', 'new-recovery-key'],
  async ({ storage, vaultKeys }) => {
    const secret = { kind: 'recovery', recoveryKey: newRecoveryKey() } as const;
    return (await addSlot(storage, vaultKeys, secret, { now: Date.now() })).keys;
  },
);

const addPassphrase = keyChange(
  (lab) => {
    const file = path.join(lab.folder, 'passphrase');
    writeFileSync(file, 'another passphrase of tests\n', { mode: 0o600 });
    return ['keys', 'add-passphrase', '--passphrase-file', file];
  },
  async ({ vaultKeys }) => await Promise.resolve(vaultKeys),
);

describe('a new master key', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(rotate));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(rotate));
});

describe('a new recovery key', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(newRecovery));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(newRecovery));
});

describe('a new passphrase', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(addPassphrase));
});

describe('a vault that is being made', () => {
  it('may be killed at every storage call', { timeout }, async () => {
    await killAtEveryCall(async (lab) => {
      const vault = path.join(lab.folder, 'other-vault');
      const init = ['init', '--vault', vault];
      await Promise.resolve();
      return {
        args: init,
        backupIds: [],
        service: async () => await Promise.resolve(),
        next: ['list'],
        check: async () => {
          const ended = await lab.run(init);
          // The vault is made, or was made by the run that was killed.
          expect([ended.code, ended.stderr]).toEqual([expect.toBeOneOf([0, 2]), expect.any(String)]);
          if (ended.code === 0)
            expect(made.parse(JSON.parse(ended.stdout)).recoveryKey.length).toBeGreaterThan(20);
        },
      };
    });
  });
});

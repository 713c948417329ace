import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import { sharedLab } from '../../helpers/command-lab.ts';

type Keys = Readonly<{ keys: readonly Readonly<{ id: string; kind: string; openedThis: boolean }>[] }>;

const shared = sharedLab();

describe('keys remove', () => {
  it('says so when it was the key of this home', async () => {
    const lab = await shared().copy();
    // What lab.json gives is checked by the expectations below.
    const { keys } = (await lab.json(['keys', 'list'])) as Keys;
    const ours = keys.find((key) => key.openedThis)?.id ?? 'none';
    const other = keys.find((key) => !key.openedThis)?.id ?? 'none';
    expect((await lab.run(['keys', 'remove', other])).stdout).not.toContain('key of this home');
    expect((await lab.run(['keys', 'remove', ours])).stdout).toContain('key of this home');
  });

  it('refuses the last passphrase or recovery key', async () => {
    const lab = await shared().copy();
    const { keys } = (await lab.json(['keys', 'list'])) as Keys;
    const [first = '', last = ''] = keys.filter(({ kind }) => kind !== 'device').map(({ id }) => id);
    await lab.json(['keys', 'remove', first]);
    const { code, stderr } = await lab.run(['keys', 'remove', last]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^This is the last .+\n$/u) });
    expect(((await lab.json(['keys', 'list'])) as Keys).keys).toHaveLength(2);
  });
});

describe('a new passphrase', () => {
  it.each(['keys add-passphrase', 'init'])(
    'of fewer than eight characters is refused by %s',
    async (command) => {
      const lab = await shared().copy();
      const file = path.join(lab.base, 'short');
      writeFileSync(file, 'sevense\n');
      const args = command === 'init' ? ['init', '--vault', path.join(lab.base, 'new')] : command.split(' ');
      for (const ended of [
        await lab.run([...args, '--passphrase-file', file]),
        await lab.run(args, { TRINITY_BACKUP_PASSPHRASE: 'sevense' }),
        await lab.run(args, { TRINITY_BACKUP_PASSPHRASE: '' }),
      ]) {
        expect(ended.code).toBe(2);
        expect(ended.stderr).toMatch(/^The new passphrase is (?:empty|too short): choose one of 8 .+\.\n$/u);
      }
      expect(existsSync(path.join(lab.base, 'new'))).toBe(false);
      expect(((await lab.json(['keys', 'list'])) as Keys).keys).toHaveLength(3);
    },
  );
});

describe('recovery-kit check', () => {
  it('says whether the key on the paper opens the vault', async () => {
    const lab = await shared().copy();
    const check = async (key: string) => {
      const file = path.join(lab.base, 'typed');
      writeFileSync(file, `${key}\n`);
      return await lab.run(['recovery-kit', 'check', '--recovery-key-file', file]);
    };
    expect(await check(lab.recoveryKey)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('opens the vault'),
    });
    expect(await check(newRecoveryKey())).toMatchObject({
      code: 7,
      stderr: expect.stringMatching(/^This recovery key does not open the vault\..+\n$/u),
    });
    expect(await check(lab.recoveryKey.slice(1))).toMatchObject({ code: 7 });
    // Nobody sits at a terminal.
    expect(await lab.run(['recovery-kit', 'check'])).toMatchObject({ code: 2 });
    expect(await lab.run(['recovery-kit'])).toMatchObject({ code: 2 });
  });
});

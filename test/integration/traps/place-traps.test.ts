import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sharedLab } from '../../helpers/command-lab.ts';

type Backup = Readonly<{ backupId: string }>;

const shared = sharedLab(async (lab) => void (await lab.json(['backup'])));

describe('another place for the vault', () => {
  it('T20: leaves the old vault with its backups, says where it is, and goes back to it', async () => {
    const lab = await shared().copy();
    const [old] = (await lab.json(['list'])) as Backup[];
    const place = path.join(lab.base, 'other');
    const made = await lab.json(['init', '--vault', place, '--passphrase-file', lab.passphraseFile]);
    expect(made).toMatchObject({
      warnings: expect.arrayContaining([
        {
          code: 'vault-left',
          message: expect.stringContaining(`does not use the vault ${lab.vault} any more`),
        },
      ]),
    });
    expect(await lab.json(['list'])).toEqual([]);
    await lab.json(['connect', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
    expect(await lab.json(['list'])).toMatchObject([{ backupId: old?.backupId }]);
  });

  it('T20: hands backups out from wherever the vault is', async () => {
    const lab = await shared().copy();
    const place = path.join(lab.base, 'deep/er');
    mkdirSync(place, { recursive: true });
    await lab.json(['init', '--vault', path.join(place, 'vault'), '--passphrase-file', lab.passphraseFile]);
    const { backupId } = (await lab.json(['backup'])) as Backup;
    const output = path.join(lab.base, 'one.zip');
    await lab.json(['export', backupId, '--agent', 'one', '--output', output]);
    expect(existsSync(output)).toBe(true);
  });

  it('T20: takes no way round its check: neither dots, nor a setting, nor an edited file', async () => {
    const lab = await shared().copy();
    const inside = `${lab.base}/elsewhere/../trinity/trinity-data/vault`;
    const refused = await lab.run(['init', '--vault', inside, '--passphrase-file', lab.passphraseFile]);
    expect([refused.code, existsSync(path.resolve(inside))]).toEqual([1, false]);
    expect((await lab.run(['settings', 'set', 'path', inside])).code).toBe(1);
    const file = path.join(lab.home, 'settings.json');
    const settings = z.looseObject({}).parse(await lab.json(['settings', 'get']));
    writeFileSync(
      file,
      JSON.stringify({
        version: 1,
        install: { installId: '1'.repeat(32), folder: lab.install, volumesRoot: lab.volumes },
        backup: { ...settings, path: inside },
      }),
    );
    const backup = await lab.run(['backup']);
    expect(backup.code).not.toBe(0);
    expect(existsSync(path.resolve(inside))).toBe(false);
  });
});

describe('a wrong request', () => {
  it.each([
    [['show', 'nonsense'], 2],
    [['show', '0123456789AB'], 2],
    [['show', '../../../../etc'], 2],
    [['show', '0123456789ab'], 5],
    [['verify', '0123456789ab'], 5],
    [['drill', '0123456789ab'], 5],
    [['prune', '--files', '0123456789ab'], 5],
    [['prune', '--files', 'nonsense'], 2],
    [['delete', '0123456789ab'], 5],
    [['restore', '0123456789ab', '--confirm'], 5],
  ])('T21: %j ends with %i, in one sentence', async (args, code) => {
    const { code: ended, stderr } = await shared().run(args);
    expect([ended, stderr]).toEqual([code, expect.stringMatching(/^[^\n]+\.\n$/u)]);
  });

  it('T21: tells a part that the backup lacks, and a database that is none, from things gone wrong', async () => {
    const lab = await shared().copy();
    const { backupId } = (await lab.json(['backup', '--only', 'files'])) as Backup;
    const lacking = await lab.run(['restore', backupId, '--only', 'persistence', '--confirm']);
    expect([lacking.code, lacking.stderr]).toEqual([2, expect.stringContaining('persistence')]);
    writeFileSync(
      path.join(lab.install, 'trinity-data/trinity.db'),
      'HTTP/1.1 502 Bad Gateway\n'.repeat(100),
    );
    const { backupId: wrong } = (await lab.json(['backup', '--only', 'persistence'], 3)) as Backup;
    const restored = await lab.run(['restore', wrong, '--confirm', '--no-safety-backup']);
    expect([restored.code, restored.stderr]).toEqual([6, expect.stringMatching(/database/u)]);
  });
});

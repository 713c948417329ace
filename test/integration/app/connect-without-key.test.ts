import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../../../main/app/engine.ts';
import { ensureDeviceKey } from '../../../main/app/home/device-key.ts';
import { openHome } from '../../../main/app/home/home.ts';
import type { KeychainPort } from '../../../main/app/home/keychain.ts';
import { runOperation } from '../../../main/app/operations/run-operation.ts';
import { fakeKeychain } from '../../fakes/fake-keychain.ts';
import { MemoryS3 } from '../../fakes/s3/memory-s3.ts';
import { startS3Server } from '../../fakes/s3/s3-server.ts';
import { mountReadOnly } from '../../helpers/read-only-mount.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const options = { signal: new AbortController().signal, onProgress: () => undefined };
const passphrase = 'correct horse battery staple';
const credentials = { accessKeyId: 'AKIDINHOME', secretAccessKey: 'secret-in-home' };
const noKeyring = fakeKeychain('a', 'plain');

async function engineOn(folder: string, keychain?: KeychainPort): Promise<Engine> {
  const engine = new Engine(await openHome(folder, keychain));
  onTestFinished(async () => await engine[Symbol.asyncDispose]());
  return engine;
}

/** A vault of another machine. */
async function vaultElsewhere(location?: string) {
  const place = location ?? path.join(await tempFolder(), 'vault');
  const engine = await engineOn(await tempFolder());
  const asked = { location: place, passphrase, ...(location === undefined ? {} : { credentials }) };
  const { recoveryKey } = await runOperation(engine, 'init', asked, options);
  return { location: place, secret: { kind: 'recovery', recoveryKey } } as const;
}

const lacksKey = (said: RegExp) => ({
  warnings: [{ code: 'no-device-key', message: expect.stringMatching(said) }],
});

describe('a vault that is opened where no key can be kept', () => {
  it('stays open without a keyring until the end of the process, and asks for its key after that', async () => {
    const home = await tempFolder();
    const engine = await engineOn(home, noKeyring);
    const vault = await vaultElsewhere();
    const opened = await runOperation(engine, 'connect', vault, options);
    expect(opened).toMatchObject(
      lacksKey(/--password-store=gnome-libsecret .* The vault is open until Trinity Backup is quit,/u),
    );
    engine.forgetVault();
    expect(await runOperation(engine, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
    expect(existsSync(engine.home.deviceKeyFile)).toBe(false);
    const later = await engineOn(home, noKeyring);
    expect(await rejectionOf(later.vault())).toMatchObject({ kind: 'no-key' });
    await runOperation(later, 'connect', { ...vault, secret: { kind: 'passphrase', passphrase } }, options);
    expect(await runOperation(later, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
  });

  it('is opened by a command that brings the right passphrase after a wrong one', async () => {
    const home = await tempFolder();
    const vault = await vaultElsewhere();
    await runOperation(await engineOn(home, noKeyring), 'connect', vault, options);
    const later = await engineOn(home, noKeyring);
    later.offerPassphrase('none of them');
    expect(await rejectionOf(later.vault())).toMatchObject({ kind: 'no-key' });
    later.offerPassphrase(passphrase);
    expect(await runOperation(later, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
  });

  it('stays open to what was held, whatever passphrase a command brings', async () => {
    const engine = await engineOn(await tempFolder(), noKeyring);
    await runOperation(engine, 'connect', await vaultElsewhere(), options);
    engine.offerPassphrase('none of them');
    engine.forgetVault();
    expect(await runOperation(engine, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
  });

  it('is not opened by a key that does not fit, nor made where none could be kept', async () => {
    const engine = await engineOn(await tempFolder(), noKeyring);
    const { location } = await vaultElsewhere();
    const secret = { kind: 'passphrase', passphrase: 'none of them' } as const;
    expect(await rejectionOf(runOperation(engine, 'connect', { location, secret }, options))).toMatchObject({
      kind: 'no-key',
    });
    expect((await engine.settings.read()).settings.backup.path).toBeUndefined();
    const other = path.join(await tempFolder(), 'vault');
    expect(await rejectionOf(runOperation(engine, 'init', { location: other }, options))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('--password-store=gnome-libsecret'),
    });
    expect(existsSync(other)).toBe(false);
  });

  it('is opened beside a key that stays sealed, or is damaged, which is left as it is', async () => {
    for (const [sealedBy, damage] of [['b', ''] as const, ['a', 'more'] as const]) {
      const engine = await engineOn(await tempFolder(), fakeKeychain('a'));
      const { deviceKeyFile } = engine.home;
      await ensureDeviceKey({ deviceKeyFile, keychain: fakeKeychain(sealedBy) });
      writeFileSync(deviceKeyFile, damage, { flag: 'a' });
      const before = readFileSync(deviceKeyFile);
      const opened = await runOperation(engine, 'connect', await vaultElsewhere(), options);
      expect(opened).toMatchObject(lacksKey(/device key .* The vault is open until/u));
      engine.forgetVault();
      expect(await runOperation(engine, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
      expect(readFileSync(deviceKeyFile)).toEqual(before);
    }
  });

  it('stays open on a desktop where it cannot be written', async (context) => {
    const engine = await engineOn(await tempFolder(), fakeKeychain('a'));
    const vault = await vaultElsewhere();
    mountReadOnly(context, vault.location);
    const opened = await runOperation(engine, 'connect', vault, options);
    expect(opened).toMatchObject(lacksKey(/cannot be written, .* The vault is open until/u));
    engine.forgetVault();
    expect(await runOperation(engine, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
  });

  it('is reached on S3 too, with credentials that stand in no file', async () => {
    const server = await startS3Server(new MemoryS3().backend);
    const vault = await vaultElsewhere(`s3://bucket/trinity?endpoint=${server.endpoint}`);
    const engine = await engineOn(await tempFolder(), noKeyring);
    await runOperation(engine, 'connect', { ...vault, credentials }, options);
    engine.forgetVault();
    expect(await runOperation(engine, 'list', { trashed: false }, options)).toMatchObject({ backups: [] });
    expect(readdirSync(engine.home.folder)).not.toContain('credentials.json');
  });
});

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { deviceKeyProblem, ensureDeviceKey, readDeviceKey } from '../../../main/app/home/device-key.ts';
import { fakeKeychain } from '../../fakes/fake-keychain.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function newFile(): Promise<string> {
  return path.join(await tempFolder(), 'device-key');
}

describe('the device key of a desktop', () => {
  it('lies sealed in its file, and comes back by the keychain that sealed it', async () => {
    const place = { deviceKeyFile: await newFile(), keychain: fakeKeychain('a') };
    const key = await ensureDeviceKey(place);
    expect(key.length).toBe(32);
    expect(readFileSync(place.deviceKeyFile).includes(key)).toBe(false);
    expect(await readDeviceKey(place)).toEqual(key);
    expect(await ensureDeviceKey(place)).toEqual(key);
  });

  it('is no key for another keychain or a host without one, and is never written over', async () => {
    const place = { deviceKeyFile: await newFile(), keychain: fakeKeychain('a') };
    const key = await ensureDeviceKey(place);
    for (const keychain of [undefined, fakeKeychain('b')]) {
      const other = { ...place, keychain };
      expect(await rejectionOf(readDeviceKey(other))).toMatchObject({ kind: 'no-key' });
      expect(await rejectionOf(ensureDeviceKey(other))).toMatchObject({ kind: 'no-key' });
    }
    expect(await readDeviceKey(place)).toEqual(key);
  });

  it('is not made where the keyring hides nothing, which says what to do; one that is there serves on', async () => {
    const plain = { deviceKeyFile: await newFile(), keychain: fakeKeychain('a', 'plain') };
    expect(await rejectionOf(ensureDeviceKey(plain))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('--password-store=gnome-libsecret'),
    });
    expect(await deviceKeyProblem(plain)).toContain('--password-store=gnome-libsecret');
    const key = await ensureDeviceKey({ ...plain, keychain: undefined });
    expect(await ensureDeviceKey(plain)).toEqual(key);
    expect(await deviceKeyProblem(plain)).toBeNull();
  });

  it('is damaged where it was cut off', async () => {
    const place = { deviceKeyFile: await newFile(), keychain: fakeKeychain('a') };
    await ensureDeviceKey(place);
    const sealed = readFileSync(place.deviceKeyFile);
    rmSync(place.deviceKeyFile);
    writeFileSync(place.deviceKeyFile, sealed.subarray(0, -4), { mode: 0o600 });
    expect(await rejectionOf(readDeviceKey(place))).toMatchObject({ kind: 'no-key' });
  });
});

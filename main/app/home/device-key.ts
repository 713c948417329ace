import { randomBytes } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import type { Home } from './home.ts';

const keyBytes = 32;
/** What a key begins with that a keychain has sealed. */
const sealedMark = Buffer.from('trinity-backup keychain 1\n');

/** Where the device key of a home is: in its file as it is, or sealed there by the keychain of a desktop. */
export type DeviceKeyPlace = Pick<Home, 'deviceKeyFile' | 'keychain'>;

/** The key of this home that opens its vault without a question; undefined where there is none yet. */
export async function readDeviceKey(place: DeviceKeyPlace): Promise<Buffer | undefined> {
  const file = place.deviceKeyFile;
  try {
    const stat = await lstat(file);
    if (!stat.isFile() || (stat.mode & 0o077) !== 0) {
      throw new AppError(
        'refused',
        `The device key ${file} can be read by others: set its mode to 0600 and change the keys.`,
      );
    }
    const key = keyOf(await readFile(file), place);
    if (key.length !== keyBytes) throw damaged(file);
    return key;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * The device key, made where there is none: sealed where a desktop has a keychain, else a file for its owner only. `refused` on a desktop
 * whose keychain hides nothing.
 */
export async function ensureDeviceKey(place: DeviceKeyPlace): Promise<Buffer> {
  const existing = await readDeviceKey(place);
  if (existing !== undefined) return existing;
  assertCanBeKept(place);
  const { keychain, deviceKeyFile } = place;
  const key = randomBytes(keyBytes);
  const kept = keychain === undefined ? [key] : [sealedMark, keychain.seal(key)];
  await writeFileAtomic(deviceKeyFile, kept);
  return key;
}

/** Why this home can have no device key; null where it has one, or can. */
export async function deviceKeyProblem(place: DeviceKeyPlace): Promise<string | null> {
  try {
    if ((await readDeviceKey(place)) === undefined) assertCanBeKept(place);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

function assertCanBeKept({ keychain }: DeviceKeyPlace): void {
  if (keychain?.kind === 'plain') throw noKeyring();
}

function keyOf(content: Buffer, { deviceKeyFile, keychain }: DeviceKeyPlace): Buffer {
  const isSealed = content.subarray(0, sealedMark.length).equals(sealedMark);
  if (!isSealed) return content;
  if (keychain === undefined) {
    throw new AppError(
      'no-key',
      'The key of this home is in the keychain of the desktop application: start that, or give the passphrase.',
    );
  }
  try {
    return keychain.open(content.subarray(sealedMark.length));
  } catch (error) {
    const message = `The keychain of this desktop does not open the device key ${deviceKeyFile} (${messageOf(error)}): unlock the keychain, or remove the file and connect again with a passphrase.`;
    throw new AppError('no-key', message, { cause: error });
  }
}

function damaged(file: string): AppError {
  return new AppError(
    'no-key',
    `The device key ${file} is damaged: remove it and connect again with a passphrase.`,
  );
}

/** What somebody can do about it who has nothing but the packaged application. */
export const keyringAdvice =
  'Where GNOME Keyring or KWallet runs, start Trinity Backup with --password-store=gnome-libsecret or --password-store=kwallet6; else install one of them first.';

function noKeyring(): AppError {
  return new AppError(
    'refused',
    `This desktop has no keyring that is known, so nothing secret can be kept here. ${keyringAdvice} Restoring from a backup works without.`,
  );
}

import { randomBytes } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';

const keyBytes = 32;

/** The key of this home that opens its vault without a question; undefined where there is none yet. */
export async function readDeviceKey(file: string): Promise<Buffer | undefined> {
  try {
    const stat = await lstat(file);
    if (!stat.isFile() || (stat.mode & 0o077) !== 0) {
      throw new AppError(
        'refused',
        `The device key ${file} can be read by others: set its mode to 0600 and change the keys.`,
      );
    }
    const key = await readFile(file);
    if (key.length !== keyBytes) {
      throw new AppError(
        'no-key',
        `The device key ${file} is damaged: remove it and connect again with a passphrase.`,
      );
    }
    return key;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The device key, made (0600) where there is none. */
export async function ensureDeviceKey(file: string): Promise<Buffer> {
  const existing = await readDeviceKey(file);
  if (existing !== undefined) return existing;
  const key = randomBytes(keyBytes);
  await writeFileAtomic(file, [key]);
  return key;
}

import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import { checkHeader, headerBytes, headerNames, readHeader, refuseWhereVaultIs } from '../keys/header.ts';
import { keyFileCopyName, keyFileName, readKeyFile } from '../keys/key-file.ts';
import type { KeyRing } from '../keys/key-ring.ts';

/**
 * Makes an empty place a copy of this vault: its keys, and as the last step its header. A place that was left before that is no vault,
 * and can be made one again.
 */
export async function makeCopy(source: Storage, target: Storage, ring: KeyRing): Promise<void> {
  const { header } = await readHeader(source);
  checkHeader(header, ring);
  await refuseWhereVaultIs(target);
  const { file, bytes } = await readKeyFile(source);
  for await (const { name } of target.list('keys/')) await target.delete(name);
  for (const name of [keyFileName(file.revision), keyFileCopyName(file.revision)])
    await target.put(name, [bytes]);
  const headerCopy = await headerBytes(source);
  const [main, copy] = headerNames;
  if (!(await target.putIfAbsent(main, [headerCopy]))) {
    throw new AppError('usage', `There is a vault at ${target.location} already. Name another place.`);
  }
  await target.put(copy, [headerCopy]);
}

/** `refused` unless the place holds this vault; `not-found` where no vault is, `damaged` where its header is. */
export async function requireCopy(target: Storage, ring: KeyRing): Promise<void> {
  const { header } = await readHeader(target);
  if (header.vaultId !== ring.vaultId) {
    throw new AppError(
      'refused',
      `Another vault lies at ${target.location}. Name an empty place, or one that holds a copy of this vault.`,
    );
  }
  checkHeader(header, ring);
}

/** Whether two ways lead to one storage: something put in one of them shows in the other. */
export async function isSameStorage(one: Storage, other: Storage): Promise<boolean> {
  const name = `locks/probe-${randomBytes(16).toString('hex')}`;
  await other.put(name, []);
  try {
    return (await one.stat(name)) !== undefined;
  } finally {
    await other.delete(name);
  }
}

import { stat } from 'node:fs/promises';
import { hasCode } from '../../shared/lib/app-error.ts';
import type { Access } from './install.ts';

const ownFolder: Access = { mode: 'host', reason: 'It is a folder of this machine.' };

/**
 * How a folder that containers bind is reached: here by root and by its owner, who alone may read all of it and give it back; else by a
 * container, where there is an engine.
 */
export async function folderAccess(folder: string, hasEngine: boolean): Promise<Access> {
  const user = process.getuid?.();
  if (!hasEngine || user === undefined || user === 0) return ownFolder;
  try {
    if ((await stat(folder)).uid === user) return ownFolder;
  } catch (error) {
    if (!hasCode(error, 'EACCES')) return ownFolder;
  }
  return { mode: 'helper', reason: `${folder} belongs to another user.` };
}

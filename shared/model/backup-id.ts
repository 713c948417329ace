import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';

/** Id of a backup: 12 lowercase hexadecimal digits. */
export const backupId = z.string().regex(/^[0-9a-f]{12}$/);

export function isBackupId(text: string): boolean {
  return backupId.safeParse(text).success;
}

/** `usage` unless it looks like the id of a backup. */
export function assertBackupId(text: string): void {
  if (isBackupId(text)) return;
  const rule = 'it has 12 digits from 0 to 9 and a to f, as list shows them';
  throw new AppError('usage', `"${text}" is no backup id: ${rule}.`);
}

import { z } from 'zod';

/** Id of a backup: 12 lowercase hexadecimal digits. */
export const backupId = z.string().regex(/^[0-9a-f]{12}$/);

export function isBackupId(text: string): boolean {
  return backupId.safeParse(text).success;
}

import { z } from 'zod';
import { backupId } from '../../model/backup-id.ts';
import { finding } from '../../model/finding.ts';

/** A call: one object in, one value out. Inputs are strict and bounded; of outputs only what is named here crosses. */
export type CallSpec = Readonly<{ input: z.ZodType; output: z.ZodType }>;

export const nothing = z.strictObject({});
/** Absolute path on the machine of the engine. */
export const hostPath = z
  .string()
  .startsWith('/')
  .max(4096)
  .refine((path) => !path.includes('\0'), 'a path has no NUL');
/** Shown text of a path inside a backup. */
export const shownPath = z.string().max(20_000);
export const shortName = z.string().max(255);
export const nameList = z.array(shortName).max(10_000);
export const pathList = z.array(shownPath).max(10_000);
export const oneBackup = z.strictObject({ backupId });
export const findings = z.array(finding);
/** Continues a list; comes from the page before and is not to be understood. */
export const cursor = z.string().min(1).max(24_000);
export const pageLimit = z.number().int().min(1).max(1000);
/** ISO 8601 in UTC. */
export const isoTime = z.string();

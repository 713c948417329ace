import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { StorageHook } from '../../main/storage/storage-hook.ts';

// The module that TRINITY_BACKUP_TEST_HOOK names in commands that a test wants to wait (Pause of test/helpers/command-
// lab.ts).
const plan = z
  .object({ folder: z.string(), operation: z.string(), prefix: z.string() })
  .parse(JSON.parse(process.env['TRINITY_TEST_PAUSE'] ?? ''));

export const storageHook: StorageHook = async ({ operation, name, moment }) => {
  if (moment !== 'before' || !operation.startsWith(plan.operation) || !name.startsWith(plan.prefix)) return;
  writeFileSync(path.join(plan.folder, 'reached'), '');
  while (!existsSync(path.join(plan.folder, 'go-on'))) await delay(10);
};

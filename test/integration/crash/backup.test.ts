import { describe, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import {
  type CrashCase,
  failAtEveryCall,
  killAtEveryCall,
  killAtRandom,
  type Prepared,
} from './every-call.ts';

const timeout = 900_000;

const backup = {
  args: ['backup'],
  // Without agents' volumes and the database: to the storage they are sources like these.
  service: async (context: ServiceContext) =>
    await createBackup(context, { trigger: 'manual', only: ['files', 'config'] }, quietly),
} satisfies Partial<Prepared>;

const first: CrashCase = async () => await Promise.resolve({ ...backup, backupIds: [] });

const changed: CrashCase = async (lab) => {
  const backupId = await lab.backUp();
  lab.change();
  return { ...backup, backupIds: [backupId] };
};

describe('the first backup', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(first));
});

describe('a backup of what changed', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(changed));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(changed));
  it('may be killed at any moment', { timeout }, async () => await killAtRandom(changed, 8));
});

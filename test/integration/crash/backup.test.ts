import { describe, it } from 'vitest';
import { createBackup } from '../../../main/backup/backup-service.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { type CrashCase, failAtEveryCall, killAtEveryCall, killAtRandom, type Prepared } from './every-call.ts';

const timeout = 240_000;

const backup: Prepared = {
  args: ['backup'],
  service: async (context) => await createBackup(context, { trigger: 'manual' }, quietly),
};

const first: CrashCase = async () => await Promise.resolve(backup);

const changed: CrashCase = async (lab) => {
  await lab.succeed(['backup']);
  lab.change();
  return backup;
};

describe('the first backup', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(first));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(first));
});

describe('a backup of what changed', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(changed));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(changed));
  it('may be killed at any moment', { timeout }, async () => await killAtRandom(changed, 8));
});

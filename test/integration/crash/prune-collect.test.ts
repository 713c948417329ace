import { describe, it } from 'vitest';
import { collectGarbage } from '../../../main/backup/collect-service.ts';
import { deleteBackup } from '../../../main/backup/keep-backups.ts';
import { pruneBackups } from '../../../main/backup/retention/prune.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { type CrashCase, failAtEveryCall, killAtEveryCall, killAtRandom } from './every-call.ts';

const timeout = 900_000;

/** Three backups of which the rules keep two. */
const prune: CrashCase = async (lab) => {
  const backupIds: string[] = [];
  for (let made = 0; made < 3; made += 1) {
    backupIds.push(await lab.backUp());
    lab.change();
  }
  await lab.succeed(['settings', 'set', 'retention.newest', '2']);
  for (const rule of ['daily', 'weekly', 'monthly'])
    await lab.succeed(['settings', 'set', `retention.${rule}`, '0']);
  return {
    args: ['prune', '--confirm'],
    backupIds,
    mayGo: backupIds.slice(0, 1),
    service: async (context) => await pruneBackups(context, { dryRun: false, confirmed: true }, quietly),
  };
};

/** A vault of one backup, with packs of others: some that an earlier run has marked, and some that this one finds. */
const collect: CrashCase = async (lab) => {
  const doomed = await lab.backUp();
  lab.change();
  const garbage = await lab.backUp();
  lab.change();
  const kept = await lab.backUp();
  await lab.forgetBackup(doomed);
  await lab.succeed(['collect']);
  await lab.forgetBackup(garbage);
  return {
    args: ['collect'],
    backupIds: [kept],
    service: async (context) => await collectGarbage(context, quietly),
  };
};

const remove: CrashCase = async (lab) => {
  const backupIds = [await lab.backUp(), await lab.backUp()];
  const [first = ''] = backupIds;
  return {
    args: ['delete', first],
    // One that is deleted may be deleted again.
    backupIds,
    mayGo: [first],
    service: async (context) => await deleteBackup(context, first, quietly),
  };
};

describe('prune', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(prune));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(prune));
});

// Its calls are those of prune, which fail one by one above.
describe('delete', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(remove));
});

describe('collect', () => {
  it('may be killed at every storage call', { timeout }, async () => await killAtEveryCall(collect));
  it('may fail at every storage call', { timeout }, async () => await failAtEveryCall(collect));
  it('may be killed at any moment', { timeout }, async () => await killAtRandom(collect, 6));
});

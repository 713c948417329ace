import process from 'node:process';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import type { RestoreRequest } from '../../../../main/backup/services.ts';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { openFolderStorage } from '../../../../main/storage/folder-storage.ts';
import { openVault } from '../../../../main/vault/open-vault.ts';
import { contextOf, tinyPlaces } from '../../../helpers/tiny-context.ts';

// Restores, or backs up, and dies by SIGKILL at the step that is named. Arguments: base folder, recovery key, backup id or
// "backup", step; for one agent under another name, both names.
const [base = '', recoveryKey = '', what = '', deadlyStep = '', agent, name] = process.argv.slice(2);
const storage = await openFolderStorage(`${base}/vault`);
const secret = { kind: 'recovery', recoveryKey } as const;
const vault = await openVault({
  storage,
  secret,
  hostLockFolder: `${base}/home/locks`,
  freeSpace: { shareOfTotal: 0, bytes: 0 },
});
const context = contextOf({ ...tinyPlaces(base), vault });
const options = {
  signal: new AbortController().signal,
  onProgress: ({ phase }: { phase: string }): void => dieAt(phase),
};
const dieAt = (step: string): void => {
  if (step === deadlyStep) process.kill(process.pid, 'SIGKILL');
};
if (what === 'backup') {
  await createBackup(context, { trigger: 'manual' }, options);
} else {
  const request: RestoreRequest = {
    backupId: what,
    ...(agent === undefined ? {} : { agents: [agent] }),
    destination: name === undefined ? { way: 'in-place' } : { way: 'as', name },
    safetyBackup: false,
  };
  await restoreBackup(context, request, options, { beforeStep: dieAt });
}
process.stdout.write('done\n');
await vault[Symbol.asyncDispose]();

import process from 'node:process';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { openFolderStorage } from '../../../main/storage/folder-storage.ts';
import { openVault } from '../../../main/vault/open-vault.ts';
import { liveContext, livePlaces } from './live-context.ts';

// Restores in place and dies by SIGKILL at the step that is named: <base> <socket> <recovery key> <backup id> <step> <access>.
const [base = '', socket = '', recoveryKey = '', backupId = '', deadlyStep = '', access = ''] =
  process.argv.slice(2);
const { folder, home, vaultFolder } = livePlaces(base);
const vault = await openVault({
  storage: await openFolderStorage(vaultFolder),
  secret: { kind: 'recovery', recoveryKey },
  hostLockFolder: `${home}/locks`,
  freeSpace: { shareOfTotal: 0, bytes: 0 },
});
const context = liveContext({
  folder,
  home,
  host: `unix://${socket}`,
  vault,
  volumeAccess: access === 'helper' ? 'helper' : 'auto',
});
const request = { backupId, destination: { way: 'in-place' }, safetyBackup: false } as const;
await restoreBackup(
  context,
  request,
  { signal: new AbortController().signal },
  {
    beforeStep: (step) => {
      if (step === deadlyStep) process.kill(process.pid, 'SIGKILL');
    },
  },
);
process.stdout.write('done\n');
await vault[Symbol.asyncDispose]();

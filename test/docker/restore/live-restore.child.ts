import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { RestoreRequest } from '../../../main/backup/services.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { openFolderStorage } from '../../../main/storage/folder-storage.ts';
import { openVault } from '../../../main/vault/open-vault.ts';
import { liveContext, livePlaces } from './live-context.ts';

// Restores in place, or one agent under another name, and at the step that is named says so and goes no further:
// <base> <socket> <recovery key> <backup id> <step> <access> [<agent> <name>].
const [base = '', socket = '', recoveryKey = '', backupId = '', lastStep = '', access = '', agent, name] =
  process.argv.slice(2);
const forEver = 2 ** 30;
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
const request: RestoreRequest = {
  backupId,
  ...(agent === undefined ? {} : { agents: [agent] }),
  destination: name === undefined ? { way: 'in-place' } : { way: 'as', name },
  safetyBackup: false,
};
await restoreBackup(
  context,
  request,
  { signal: new AbortController().signal },
  {
    beforeStep: async (step) => {
      if (step !== lastStep) return;
      process.stdout.write(`${step}\n`);
      await delay(forEver);
    },
  },
);
process.stdout.write('done\n');
await vault[Symbol.asyncDispose]();

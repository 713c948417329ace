import { openStorage } from '../../../../main/storage/open-storage.ts';
import { parseLocation } from '../../../../main/storage/location.ts';
import { openLease } from '../../../../main/vault/locks/lease.ts';
import { takeWriterLock } from '../../../../main/vault/locks/writer-lock.ts';

// lock-holder <vault> <folder of the host's locks> writer|lease|run
// Takes the lock and stays until it is killed; `run` writes two objects under it and ends.
const [vault = '', hostLockFolder = '', way = ''] = process.argv.slice(2);
const storage = await openStorage(parseLocation(vault));
const request = {
  storage,
  vaultId: 'a'.repeat(32),
  hostHash: 'b'.repeat(32),
  hostLockFolder,
  purpose: 'backup',
};
if (way === 'run') {
  await using lock = await takeWriterLock(request);
  await storage.put('packs/one', [Buffer.from('1')]);
  await storage.put('packs/one', [Buffer.from('2')]);
  await lock.assertHeld();
  await storage.putIfAbsent(`backups/${String(lock.generation)}`, [Buffer.from('3')]);
} else {
  const held = await (way === 'lease' ? openLease(request) : takeWriterLock(request));
  process.stdout.write('held\n');
  setInterval(() => held, 60_000);
}

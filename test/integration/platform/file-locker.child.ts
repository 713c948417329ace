import { tryLockFile } from '../../../main/platform/file-lock.ts';

// Takes the lock on the file that it is given, says whether it got it, and stays until it is killed.
const lock = await tryLockFile(process.argv[2] ?? '');
process.stdout.write(lock === undefined ? 'refused\n' : 'held\n');
setInterval(() => undefined, 60_000);

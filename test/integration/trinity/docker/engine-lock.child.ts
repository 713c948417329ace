import { tryLockEngine } from '../../../../main/trinity/docker/engine-lock.ts';

// Takes the lock of the engine that it is given, as the user that it is given, says whether it got it, and stays until it is killed.
const [, , engineId = '', user] = process.argv;
if (user !== undefined) process.setuid?.(Number(user));
const lock = await tryLockEngine(engineId);
process.stdout.write(lock === undefined ? 'refused\n' : 'taken\n');
setInterval(() => undefined, 60_000);

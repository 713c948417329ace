import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { hasCode } from '../../shared/lib/app-error.ts';
import { tryLockFile } from './file-lock.ts';

/**
 * Takes a lock that all users of this machine share, by its name; undefined when it is held, in this process too. It ends when disposed
 * or when the process dies, however it dies.
 *
 * On Linux it is a socket in the abstract name space, on Windows a pipe: the system gives each name once, to whichever user. A lock
 * file would need a folder that every user may write and nobody cleans, and /run/lock, /tmp under PrivateTmp and protected_regular
 * differ too much for that. Elsewhere it is a file in /tmp, which for another user counts as held.
 */
export async function tryLockMachine(name: string): Promise<AsyncDisposable | undefined> {
  const id = `trinity-backup-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return await tryListen(`\0${id}`);
  if (process.platform === 'win32') return await tryListen(`\\\\.\\pipe\\${id}`);
  return await tryFile(`/tmp/${id}.lock`);
}

async function tryListen(address: string): Promise<AsyncDisposable | undefined> {
  // Nobody has business with it; whoever connects is not to keep it open.
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: address, exclusive: true }, resolve);
    });
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE', 'EACCES')) return undefined;
    throw error;
  }
  server.unref();
  return { [Symbol.asyncDispose]: async () => await closed(server) };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

async function tryFile(file: string): Promise<AsyncDisposable | undefined> {
  try {
    const lock = await tryLockFile(file);
    if (lock === undefined) return undefined;
    return { [Symbol.asyncDispose]: async () => await lock.removeAndRelease() };
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../shared/lib/app-error.ts';
import { sizeText } from '../../../shared/lib/size-text.ts';
import { boundedCall } from '../bounded-call.ts';
import type { StorageCheck } from '../storage-check.ts';
import { storageError } from '../storage-error.ts';
import { diskSpace } from './local-disk.ts';

type Question = Readonly<{ signal: AbortSignal; now: () => number }>;

const limitMs = 30_000;
const mostSkewMs = 5 * 60_000;
const content = Buffer.from('a test of this folder; it may be deleted');

/** Tries what a vault needs of a folder with a file of a throw-away name. The folder itself is not made. */
export async function testFolder(folder: string, question: Question): Promise<readonly StorageCheck[]> {
  const file = join(folder, `.trinity-backup-test-${randomBytes(12).toString('hex')}`);
  const check = async (what: string, run: () => Promise<string | undefined>): Promise<StorageCheck> => {
    try {
      const note = await boundedCall({ limitMs, signal: question.signal, place: folder }, run);
      return { what, isOk: true, ...(note === undefined ? {} : { note }) };
    } catch (error) {
      const note = messageOf(storageError(error, { place: folder, what: 'the folder' }));
      return { what, isOk: false, note };
    }
  };
  const checks = [
    await check('write', async () => await writeFile(file)),
    await check('read', async () => await readBack(file)),
    await check('clock', async () => await compareClocks(file, question.now)),
    await check('delete', async () => {
      await rm(file);
      return undefined;
    }),
    await check('room', async () => `${sizeText((await diskSpace(folder)).freeBytes)} are free.`),
  ];
  return checks;
}

async function writeFile(file: string): Promise<undefined> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(content);
  await handle.sync();
}

async function readBack(file: string): Promise<undefined> {
  if (!(await readFile(file)).equals(content)) throw new Error('What was written reads as something else.');
}

/** Of a share it is the clock of another machine. */
async function compareClocks(file: string, now: () => number): Promise<undefined> {
  const differenceMs = Math.abs((await stat(file)).mtimeMs - now());
  if (differenceMs <= mostSkewMs) return;
  const minutes = String(Math.round(differenceMs / 60_000));
  throw new Error(
    `The clocks of this machine and of the folder differ by ${minutes} minutes. Set them right.`,
  );
}

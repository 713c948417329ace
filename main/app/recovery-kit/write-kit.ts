import { lstat, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { renameWhereNothingIs } from '../../platform/atomic-file.ts';

/**
 * Writes a new file (0600) in one durable step: the place is checked before `content` is made, which makes a key that
 * nobody should have to look for. `refused` where something is; on any failure nothing stays.
 */
export async function writeNewFile(file: string, content: () => Promise<string | Uint8Array>): Promise<void> {
  await refuseWhereSomethingIs(file);
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`);
  const handle = await openNew(temporary);
  try {
    await handle.writeFile(await content());
    await handle.sync();
    await renameWhereNothingIs(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw hasCode(error, 'EEXIST') ? somethingIsAt(file) : error;
  } finally {
    await handle.close();
  }
}

async function openNew(temporary: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(temporary, 'wx', 0o600);
  } catch (error) {
    const folder = path.dirname(temporary);
    throw new AppError(
      'failed',
      `Nothing can be written to ${folder} (${messageOf(error)}): choose another place.`,
      {
        cause: error,
      },
    );
  }
}

async function refuseWhereSomethingIs(file: string): Promise<void> {
  try {
    await lstat(file);
  } catch (error) {
    // Whatever else is wrong with the place is told when the file is opened.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return;
    throw error;
  }
  throw somethingIsAt(file);
}

function somethingIsAt(file: string): AppError {
  return new AppError(
    'refused',
    `Something is at ${file} already: choose another name, so that nothing is lost.`,
  );
}

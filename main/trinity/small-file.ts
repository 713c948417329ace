import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';

/**
 * A small file as bytes, undefined when it is not there. A FIFO or device is refused instead of waited for; what is larger than
 * `maxBytes` or may not be read rejects with an `AppError`.
 */
export async function readSmallFile(file: string, maxBytes: number): Promise<Buffer | undefined> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile())
      throw new AppError('refused', `${file} is no regular file. Put the real file in its place.`);
    if (stat.size > maxBytes)
      throw new AppError('refused', `${file} is larger than ${maxBytes} bytes. Is it the right file?`);
    return await handle.readFile();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw unreadable(file, error);
  }
}

/** The error for a path that could not be looked at: what to do about rights, or the system's reason. */
export function unreadable(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (hasCode(error, 'EACCES', 'EPERM')) {
    return new AppError(
      'unavailable',
      `${path} may not be read. Run this as root or as the owner of the Trinity install.`,
      {
        cause: error,
      },
    );
  }
  return new AppError(
    'unavailable',
    `${path} could not be read. Check the disk and the path, then try again.`,
    { cause: error },
  );
}

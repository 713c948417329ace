import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { FolderRoot } from './folder-root.ts';

// O_NONBLOCK: opening a FIFO that somebody put there must not wait for its writer.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A whole object of at most `maxBytes`. */
export async function readObject(root: FolderRoot, name: string, maxBytes: number): Promise<Buffer> {
  const { handle: opened, size } = await openObject(root, name);
  await using handle = opened;
  if (size > maxBytes) {
    const message = `${name} at ${root.folder} has ${String(size)} bytes, more than it may have (${String(maxBytes)}). Verify the vault.`;
    throw new AppError('failed', message, { details: { tooLarge: true } });
  }
  return await readExactly(handle, { root, name, offset: 0, length: size });
}

/** Exactly `length` bytes from `offset`. */
export async function readObjectRange(
  root: FolderRoot,
  range: Readonly<{ name: string; offset: number; length: number }>,
): Promise<Buffer> {
  const { handle: opened, size } = await openObject(root, range.name);
  await using handle = opened;
  // Before memory is taken for it: the range may come from a damaged index.
  if (range.offset + range.length > size) throw tooShort(root, range.name);
  return await readExactly(handle, { root, ...range });
}

async function readExactly(
  handle: FileHandle,
  {
    root,
    name,
    offset,
    length,
  }: Readonly<{ root: FolderRoot; name: string; offset: number; length: number }>,
): Promise<Buffer> {
  // Memory of its own, not a slice of Node's pool: it may be handed to another thread.
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw tooShort(root, name);
    done += bytesRead;
  }
  return buffer;
}

type OpenedObject = Readonly<{ handle: FileHandle; size: number }>;

async function openObject(root: FolderRoot, name: string): Promise<OpenedObject> {
  let handle: FileHandle;
  try {
    handle = await open(root.pathOf(name), openFlags);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    // Nothing is missing from a vault that is away.
    await root.assertThere();
    throw new AppError('not-found', `${name} is not in the vault at ${root.folder}. Verify the vault.`, {
      cause: error,
    });
  }
  const info = await handle.stat();
  if (info.isFile()) return { handle, size: info.size };
  await handle.close();
  throw new AppError(
    'damaged',
    `${name} at ${root.folder} is not a plain file. Move away what lies there and verify the vault.`,
  );
}

function tooShort(root: FolderRoot, name: string): AppError {
  return new AppError('damaged', `${name} at ${root.folder} ends too early. Verify the vault with its data.`);
}

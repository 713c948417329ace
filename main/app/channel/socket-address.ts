import { open } from 'node:fs/promises';
import path from 'node:path';

/** What the address of a socket may be long: 108 bytes on Linux, with the closing zero. */
const longestBytes = 104;

/** A way to name a socket's file that the system takes; it holds while it is not disposed. */
export type SocketAddress = Readonly<{ address: string }> & AsyncDisposable;

/** The file's own path, or a short one to the same place through a descriptor of its folder. */
export async function socketAddress(file: string): Promise<SocketAddress> {
  if (Buffer.byteLength(file) < longestBytes)
    return { address: file, [Symbol.asyncDispose]: async () => undefined };
  const folder = await open(path.dirname(file), 'r');
  return {
    address: `/proc/self/fd/${folder.fd}/${path.basename(file)}`,
    [Symbol.asyncDispose]: async () => await folder.close(),
  };
}

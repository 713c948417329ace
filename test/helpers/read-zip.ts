import { buffer } from 'node:stream/consumers';
import { openPromise } from 'yauzl';

export type ZipMember = Readonly<{ name: string; mode: number; modified: Date; content: Buffer }>;

/** Every member of a zip file, in order. `mode` is that of Unix, kind included. */
export async function readZip(file: string): Promise<readonly ZipMember[]> {
  const zip = await openPromise(file);
  const members: ZipMember[] = [];
  for await (const entry of zip.eachEntry()) {
    members.push({
      name: entry.fileName,
      mode: entry.externalFileAttributes >>> 16,
      modified: entry.getLastModDate(),
      content: await buffer(await zip.openReadStreamPromise(entry)),
    });
  }
  return members;
}

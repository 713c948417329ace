import type { Vault } from '../../../vault/vault.ts';
import type { FolderMarks } from './folder-marks.ts';

const mostFolders = 16;
const memories = new WeakMap<Vault, Map<string, FolderMarks>>();

/** The marks of a folder, made once: a listing never changes under its checksum. The folders that were asked for last are kept. */
export async function rememberedMarks(
  vault: Vault,
  { checksum, folder }: Readonly<{ checksum: string; folder: Buffer }>,
  read: () => Promise<FolderMarks>,
): Promise<FolderMarks> {
  const memory = memories.get(vault) ?? new Map<string, FolderMarks>();
  memories.set(vault, memory);
  const key = `${checksum}\0${folder.toString('latin1')}`;
  const marks = memory.get(key) ?? (await read());
  // Put in last again: the first one is that which nobody has asked for the longest.
  memory.delete(key);
  memory.set(key, marks);
  const [oldest] = memory.keys();
  if (memory.size > mostFolders && oldest !== undefined) memory.delete(oldest);
  return marks;
}

import { statfs } from 'node:fs/promises';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { sizeText } from '../../../../shared/lib/size-text.ts';
import { workFolderPrefix } from '../../../components/work-folder.ts';
import type { Entry } from '../../../vault/listing/entry.ts';
import type { Listing } from '../../../vault/listing/listing.ts';

/** Room that stays free, and what an entry takes besides its content. */
const spareBytes = 16 * 1024 * 1024;
const bytesPerEntry = 4096;

/** `failed`, with how much is missing, unless so much fits on the disk of a folder. */
export async function requireSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed + spareBytes) return;
  const [live = folder] = folder.split(`/${workFolderPrefix}`);
  throw new AppError(
    'failed',
    `The restore needs ${sizeText(needed + spareBytes)} on the disk of ${live}, where ${sizeText(free)} are free. Make room first.`,
  );
}

/** What staging these paths, or all, takes on the disk. */
export async function neededBytes(listing: Listing, paths: readonly Buffer[] | undefined): Promise<number> {
  const { bytes, entries } = listing.root;
  if (paths === undefined) return bytes + entries * bytesPerEntry;
  let needed = 0;
  for (const prefix of paths) {
    for await (const entry of listing.entries(prefix)) {
      needed += bytesPerEntry + (entry.kind === 'file' ? dataBytes(entry) : 0);
    }
  }
  return needed;
}

/** Holes take no room; of a paged file only the size is known here. */
function dataBytes(entry: Extract<Entry, { kind: 'file' }>): number {
  if (entry.content === 'paged') return entry.stat.size;
  return entry.extents.reduce((sum, { chunk, length }) => sum + (chunk < 0 ? 0 : length), 0);
}

/** Whether an entry is one of the paths or lies below one. */
export function isWithin(paths: readonly Buffer[]): (entry: Entry) => boolean {
  const wanted = new Set(paths.map((bytes) => bytes.toString('latin1')));
  if (wanted.has('')) return () => true;
  return ({ path: bytes }) => {
    const text = bytes.toString('latin1');
    for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) {
      if (wanted.has(text.slice(0, end))) return true;
    }
    return false;
  };
}

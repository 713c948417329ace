import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ChunkCopy, ChunkIndex } from '../index/chunk-index.ts';
import type { PackCheck } from '../upkeep/pack-inventory.ts';
import type { OpenPool } from './open-pool.ts';
import { maxPackBytes, packName, recordInPack } from './pack-footer.ts';
import type { OpenFooter } from './pack-footer.ts';
import { packIdOfBytes } from './pack-hash.ts';
import type { PackRecord } from './pack-record.ts';

type Settings = Readonly<{ storage: Storage; index: ChunkIndex; pool: OpenPool; openFooter: OpenFooter }>;

const openStepBytes = 8 * 1024 * 1024;

/** Reads a whole pack and checks every byte of it; throws only what is no damage. */
export async function checkPack(settings: Settings, packId: string, signal: AbortSignal): Promise<PackCheck> {
  const { storage, index, pool, openFooter } = settings;
  const bytes = await readPack(storage, packId, signal);
  if (bytes === undefined) {
    const damagedChunks = index.chunksOf(packId).map(({ chunk }) => chunk.id);
    return { packId, bytes: 0, problem: 'the pack is missing', damagedChunks };
  }
  const footer = footerOf(bytes, openFooter);
  const isChanged = (await packIdOfBytes(bytes)) !== packId;
  // Another pack may have been put in its place: what counts is what readers look for here.
  const byFooter = 'record' in footer && !(isChanged && index.pack(packId) !== undefined);
  const copies = byFooter ? copiesIn(packId, footer.record) : index.chunksOf(packId);
  const damagedChunks = await damagedAmong(pool, bytes, copies, signal);
  const problem = problemOf({ packId, isChanged, footer, index, damaged: damagedChunks.length });
  return { packId, bytes: bytes.length, damagedChunks, ...(problem === undefined ? {} : { problem }) };
}

async function readPack(storage: Storage, packId: string, signal: AbortSignal): Promise<Buffer | undefined> {
  try {
    return await storage.read(packName(packId), maxPackBytes, { signal });
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not-found') {
      return undefined;
    }
    throw error;
  }
}

type Footer = Readonly<{ record: PackRecord }> | Readonly<{ problem: string }>;

function footerOf(bytes: Buffer, openFooter: OpenFooter): Footer {
  try {
    return { record: recordInPack(bytes, openFooter) };
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      return { problem: messageOf(error) };
    }
    throw error;
  }
}

function copiesIn(packId: string, record: PackRecord): readonly ChunkCopy[] {
  let offset = 0;
  return record.chunks.map((chunk) => {
    const copy = { packId, offset, chunk };
    offset += chunk.sealedLength;
    return copy;
  });
}

function problemOf(
  found: Readonly<{ packId: string; isChanged: boolean; footer: Footer; index: ChunkIndex; damaged: number }>,
): string | undefined {
  const { packId, isChanged, footer, index, damaged } = found;
  if ('problem' in footer) {
    return footer.problem;
  }
  if (isChanged) {
    return 'its bytes have changed';
  }
  if (damaged > 0) {
    return 'it holds chunks that do not open';
  }
  return isAsIndexed(index, packId, copiesIn(packId, footer.record))
    ? undefined
    : 'the index says other than the pack';
}

/** A pack that the index does not know contradicts nothing. */
function isAsIndexed(index: ChunkIndex, packId: string, copies: readonly ChunkCopy[]): boolean {
  const pack = index.pack(packId);
  if (pack === undefined) {
    return true;
  }
  const isSame = (a: ChunkCopy, b: ChunkCopy): boolean =>
    a.packId === b.packId && a.offset === b.offset && a.chunk.sealedLength === b.chunk.sealedLength;
  const isIndexed = (copy: ChunkCopy): boolean =>
    index.copies(copy.chunk.id).some((each) => isSame(each, copy));
  return pack.chunkCount === copies.length && copies.every(isIndexed);
}

async function damagedAmong(
  pool: OpenPool,
  bytes: Buffer,
  copies: readonly ChunkCopy[],
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const isWhole = ({ offset, chunk }: ChunkCopy): boolean => offset + chunk.sealedLength <= bytes.length;
  const damaged = copies.filter((copy) => !isWhole(copy)).map(({ chunk }) => chunk.id);
  for (const group of inSteps(copies.filter(isWhole))) {
    signal.throwIfAborted();
    const start = group[0]?.offset ?? 0;
    const end = group.reduce((most, { offset, chunk }) => Math.max(most, offset + chunk.sealedLength), start);
    const items = group.map(({ offset, chunk }) => ({ offset: offset - start, chunk }));
    // The copy of the range is transferred to the thread; the bytes themselves are hashed here.
    const opened = await pool.open(new Uint8Array(bytes.subarray(start, end)), items);
    damaged.push(...group.filter((_, number) => opened[number] === undefined).map(({ chunk }) => chunk.id));
  }
  return damaged;
}

function* inSteps(copies: readonly ChunkCopy[]): Generator<readonly ChunkCopy[]> {
  let group: ChunkCopy[] = [];
  let rawBytes = 0;
  for (const copy of copies) {
    if (group.length > 0 && rawBytes + copy.chunk.rawLength > openStepBytes) {
      yield group;
      group = [];
      rawBytes = 0;
    }
    group.push(copy);
    rawBytes += copy.chunk.rawLength;
  }
  if (group.length > 0) {
    yield group;
  }
}

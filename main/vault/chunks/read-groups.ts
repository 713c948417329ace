import type { ChunkCopy } from '../index/chunk-index.ts';

/** One wanted chunk and its best copy; undefined when the index has none. */
export type WantedChunk = Readonly<{ id: Uint8Array; copy: ChunkCopy | undefined }>;

/** Chunks that are read in one piece: `length` bytes of a pack from `offset`. Without a pack: one chunk that has no copy. */
export type ReadGroup = Readonly<{
  packId: string | undefined;
  offset: number;
  length: number;
  rawBytes: number;
  wanted: readonly WantedChunk[];
}>;

const mostRawBytes = 4 * 1024 * 1024;
/** Reading this much for nothing is quicker than another read. */
const widestGap = 128 * 1024;

/** Brings wanted chunks together that lie near each other in a pack and are wanted one after the other. */
export function* readGroups(
  ids: Iterable<Uint8Array>,
  find: (id: Uint8Array) => ChunkCopy | undefined,
): Generator<ReadGroup> {
  let group: ReadGroup | undefined;
  for (const id of ids) {
    const next = groupOf({ id: new Uint8Array(id), copy: find(id) });
    const joined = group === undefined ? next : join(group, next);
    if (joined === undefined && group !== undefined) {
      yield group;
    }
    group = joined ?? next;
  }
  if (group !== undefined) {
    yield group;
  }
}

function groupOf(wanted: WantedChunk): ReadGroup {
  const { copy } = wanted;
  if (copy === undefined) {
    return { packId: undefined, offset: 0, length: 0, rawBytes: 0, wanted: [wanted] };
  }
  const { sealedLength, rawLength } = copy.chunk;
  return {
    packId: copy.packId,
    offset: copy.offset,
    length: sealedLength,
    rawBytes: rawLength,
    wanted: [wanted],
  };
}

function join(group: ReadGroup, next: ReadGroup): ReadGroup | undefined {
  const gap = next.offset - (group.offset + group.length);
  const rawBytes = group.rawBytes + next.rawBytes;
  if (
    group.packId === undefined ||
    group.packId !== next.packId ||
    gap < 0 ||
    gap > widestGap ||
    rawBytes > mostRawBytes
  ) {
    return undefined;
  }
  return {
    ...group,
    length: group.length + gap + next.length,
    rawBytes,
    wanted: [...group.wanted, ...next.wanted],
  };
}

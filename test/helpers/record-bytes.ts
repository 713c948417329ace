import { FileStat } from '../../main/platform/file-stat.ts';
import { kinds } from '../../main/vault/listing/raw-entry.ts';
import type { Kind } from '../../main/vault/listing/raw-entry.ts';
import { leastPieceBytes } from '../../main/vault/capture/records/frames.ts';
import type { PieceSink, PieceSource } from '../../main/vault/capture/records/frames.ts';
import { TreeRecordWriter } from '../../main/vault/capture/records/tree-record-writer.ts';

const typeBits = {
  [kinds.file]: 0o100000,
  [kinds.folder]: 0o040000,
  [kinds.symlink]: 0o120000,
  [kinds.hardlink]: 0,
};

export type MadeRecord = Readonly<{ path: string; kind: Kind; target?: string; size?: number }>;

/** What a writer of frames writes, as one buffer. */
export function written(write: (give: PieceSink, first: Uint8Array<ArrayBuffer>) => void): Buffer {
  const pieces: Buffer[] = [];
  const first = new Uint8Array(leastPieceBytes);
  write((piece) => {
    pieces.push(Buffer.from(piece));
    return first;
  }, first);
  return Buffer.concat(pieces);
}

/** Gives `bytes` in pieces of at most `length`. */
export function piecesOf(bytes: Buffer, length: number): PieceSource {
  let at = 0;
  return () => {
    const piece = bytes.subarray(at, at + length);
    at += piece.length;
    return piece.length === 0 ? undefined : piece;
  };
}

export function statOf(kind: Kind, size = 0): FileStat {
  const stat = new FileStat();
  stat.mode = typeBits[kind] | 0o644;
  stat.nlink = 1;
  stat.size = size;
  stat.inodeLow = 7;
  stat.mtimeLow = 1;
  stat.ctimeHigh = -1;
  return stat;
}

/** A tree stream of these entries. */
export function treeStream(records: readonly MadeRecord[]): Buffer {
  return written((give, first) => {
    const writer = new TreeRecordWriter(give, first, { nowNs: 5n, syncedNs: 0n });
    for (const { path, kind, target = '', size } of records) {
      const bytes = Buffer.from(path, 'latin1');
      writer.add({
        path: bytes,
        pathLength: bytes.length,
        kind,
        stat: statOf(kind, size),
        target: Buffer.from(target),
        xattrs: Buffer.alloc(0),
      });
    }
    writer.finish({ excludedFiles: 0, excludedBytes: 0 });
  });
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { TreeRecordReader } from '../../../../../main/vault/capture/records/tree-record-reader.ts';
import { TreeRecordWriter } from '../../../../../main/vault/capture/records/tree-record-writer.ts';
import { TreeRecord } from '../../../../../main/vault/capture/records/tree-record.ts';
import { kinds } from '../../../../../main/vault/listing/raw-entry.ts';
import { piecesOf, statOf, treeStream, written } from '../../../../helpers/record-bytes.ts';
import type { MadeRecord } from '../../../../helpers/record-bytes.ts';

const { file, folder, symlink } = kinds;
const root: MadeRecord = { path: '', kind: folder };

/** Paths of the entries, by reading all. */
function readAll(bytes: Buffer, pieceLength = bytes.length): readonly string[] {
  const reader = new TreeRecordReader(piecesOf(bytes, pieceLength));
  const record = new TreeRecord();
  const paths: string[] = [];
  for (let got = reader.next(record); got !== 'end'; got = reader.next(record)) {
    paths.push(
      got === 'entry'
        ? record.path.toString('latin1', 0, record.pathLength)
        : `!${String(reader.finding.code)} ${reader.finding.path.toString('latin1')}`,
    );
  }
  return paths;
}

/** Only our own error, whatever the bytes: memory and time are bounded by what came. */
function failsOrReads(bytes: Buffer): void {
  try {
    readAll(bytes, 50);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: 'failed' });
  }
}

describe('tree records', () => {
  it('read as they were written, however they are cut into pieces', () => {
    const stat = statOf(file, 2 ** 53 - 1);
    Object.assign(stat, {
      uid: 2 ** 32 - 1,
      inodeLow: 2 ** 32 - 1,
      inodeHigh: 2 ** 32 - 1,
      mtimeLow: 9,
      mtimeHigh: -5,
    });
    Object.assign(stat, {
      birthLow: 3,
      birthHigh: 4,
      deviceMajor: 8,
      deviceMinor: 1,
      blocks: 16,
      isTimeKept: false,
    });
    const bytes = written((give, first) => {
      const writer = new TreeRecordWriter(give, first, { nowNs: -3n, syncedNs: 4n });
      const empty = { target: Buffer.alloc(0), xattrs: Buffer.alloc(0) };
      writer.add({ path: Buffer.alloc(0), pathLength: 0, kind: folder, stat: statOf(folder), ...empty });
      writer.addFinding({ code: 1, errno: 13, path: Buffer.from('a') });
      writer.add({ path: Buffer.from('b'), pathLength: 1, kind: file, stat, ...empty });
      writer.finish({ excludedFiles: 2, excludedBytes: 2 ** 40 });
    });
    for (const pieceLength of [1, 7, 64, bytes.length]) {
      const reader = new TreeRecordReader(piecesOf(bytes, pieceLength));
      const record = new TreeRecord();
      expect(reader.head).toStrictEqual({ nowNs: -3n, syncedNs: 4n });
      expect(reader.next(record)).toBe('entry');
      expect(reader.next(record)).toBe('finding');
      expect(reader.finding).toStrictEqual({ code: 1, errno: 13, path: Buffer.from('a') });
      expect(reader.next(record)).toBe('entry');
      expect(record.stat).toStrictEqual(stat);
      expect(record.number).toBe(1);
      expect(reader.next(record)).toBe('end');
      expect(reader.totals).toStrictEqual({
        entries: 2,
        findings: 1,
        excludedFiles: 2,
        excludedBytes: 2 ** 40,
      });
    }
  });

  it('are refused where they are cut off, at every byte, or go on after their end', () => {
    const bytes = treeStream([root, { path: 'a', kind: file }, { path: 'b', kind: symlink, target: 'x' }]);
    expect(readAll(bytes)).toStrictEqual(['', 'a', 'b']);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readAll(bytes.subarray(0, length), 16)).toThrow(/cannot be right/u);
    }
    expect(() => readAll(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(/bytes follow/u);
  });

  it.each<readonly [string, readonly MadeRecord[]]>([
    ['begin with another entry than the root', [{ path: 'a', kind: file }]],
    ['are out of order', [root, { path: 'b', kind: file }, { path: 'a', kind: file }]],
    ['name a path twice', [root, { path: 'a', kind: file }, { path: 'a', kind: file }]],
    [
      'order a name before what a folder holds',
      [root, { path: 'a', kind: folder }, { path: 'a.b', kind: file }, { path: 'a/b', kind: file }],
    ],
    ['lie in no folder', [root, { path: 'a', kind: file }, { path: 'a/b', kind: file }]],
    ['lead up', [root, { path: '../a', kind: file }]],
    ['have an empty name', [root, { path: 'a', kind: folder }, { path: 'a//b', kind: file }]],
    ['hold a zero byte', [root, { path: 'a\0b', kind: file }]],
    ['say nothing in a symlink', [root, { path: 'a', kind: symlink }]],
    ['have a target for a file', [root, { path: 'a', kind: file, target: 'b' }]],
    ['are too large', [root, { path: 'a', kind: file, size: 2 ** 53 }]],
    ['are of no type', [root, { path: 'a', kind: kinds.hardlink }]],
    ['are none', []],
  ])('are refused when they %s', (_what, records) => {
    expect(() => readAll(treeStream(records))).toThrow(/cannot be right/u);
  });

  it('bring our own error or a tree in order, whatever the bytes', () => {
    const bytes = treeStream([
      root,
      { path: 'a', kind: folder },
      { path: 'a/b', kind: file },
      { path: 'c', kind: symlink, target: 'x' },
    ]);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, change) => {
        const changed = Buffer.from(bytes);
        changed.set(change.subarray(0, bytes.length - at), at);
        failsOrReads(changed);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        failsOrReads(Buffer.concat([bytes.subarray(0, 8 + 25), rest]));
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../../main/vault/listing/byte-writer.ts';
import { TreeOpsWriter, runTreeOps } from '../../../../main/vault/restore/tree-ops.ts';
import { fileEntry, folderEntry } from '../../../fakes/entries.ts';

/** Runs operations and lists the calls they make. */
function callsOf(write: (ops: TreeOpsWriter) => void): readonly unknown[] {
  const bytes = new ByteWriter(16);
  write(new TreeOpsWriter(bytes));
  const calls: unknown[] = [];
  const record =
    (name: string) =>
    (...values: readonly unknown[]): void => {
      calls.push([name, ...values]);
    };
  runTreeOps(Buffer.from(bytes.written), {
    folder: record('folder'),
    beginFile: record('beginFile'),
    data: record('data'),
    hole: record('hole'),
    endFile: record('endFile'),
    symlink: record('symlink'),
    hardLink: record('hardLink'),
    finishFolder: record('finishFolder'),
    dropChunk: record('dropChunk'),
  });
  return calls;
}

describe('tree operations', () => {
  it('come out of a message as they went in', () => {
    const xattrs = [{ name: Buffer.from('user.x'), value: Buffer.from([0, 255]) }];
    const entry = folderEntry('f', { xattrs });
    const place = { parent: 3, name: Buffer.from([0xff]) };
    const file = fileEntry('g', { extents: [{ chunk: 1, offset: 0, length: 2 ** 40 }], mtimeNs: -1n });
    const { mode, uid, gid, mtimeNs } = entry.stat;
    const meta = { mode, uid, gid, mtimeNs, xattrs };
    const data = { chunk: 2 ** 31 - 1, from: 4, length: 5, at: 2 ** 45 };
    const calls = callsOf((ops) => {
      ops.folder(4, place, entry);
      ops.beginFile(place, file, 0xffff_ffff);
      ops.data(data);
      ops.hole(2 ** 50, 2 ** 52);
      ops.endFile();
      ops.symlink(place, Buffer.from('to'), entry);
      ops.hardLink(place, Buffer.from('a/b'));
      ops.finishFolder(4);
      ops.dropChunk(7);
    });
    expect(calls).toEqual([
      ['folder', 4, place, meta],
      [
        'beginFile',
        { ...place, meta: { ...meta, mtimeNs: -1n, xattrs: [] }, size: 2 ** 40, crc32: 0xffff_ffff },
      ],
      ['data', data],
      ['hole', 2 ** 50, 2 ** 52],
      ['endFile'],
      ['symlink', place, Buffer.from('to'), meta],
      ['hardLink', place, Buffer.from('a/b')],
      ['finishFolder', 4],
      ['dropChunk', 7],
    ]);
  });

  it.each([
    0n,
    1n,
    -1n,
    4_102_444_800_123_456_789n,
    -(2n ** 63n),
    2n ** 63n - 1n,
    0xffff_ffffn,
    -0x1_0000_0000n,
  ])('keep the time %d', (mtimeNs) => {
    const [call] = callsOf((ops) =>
      ops.beginFile({ parent: 0, name: Buffer.from('f') }, fileEntry('f', { mtimeNs }), 0),
    );
    expect(call).toMatchObject(['beginFile', { meta: { mtimeNs } }]);
  });
});

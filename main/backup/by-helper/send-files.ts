import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { HelperFiles } from '../../components/component-handler.ts';
import { ByteWriter } from '../../vault/listing/byte-writer.ts';
import { TreeOpsWriter, type OpEntry } from '../../vault/restore/tree-ops.ts';
import type { TreeSink } from '../../vault/restore/tree-sink.ts';

const pieceBytes = 1024 * 1024;
const folder: OpEntry = { stat: { mode: 0o755, uid: 0, gid: 0, mtimeNs: 0n, size: 0 }, xattrs: [] };
const root = 0;

/** Writes files into the root of a tree. */
export async function sendFiles(sink: TreeSink, files: HelperFiles['files']): Promise<void> {
  await using target = sink;
  const bytes = new ByteWriter();
  const ops = new TreeOpsWriter(bytes);
  ops.folder(root, { parent: root, name: Buffer.alloc(0) }, folder);
  let chunk = 0;
  for (const { name, file, meta } of files) {
    await using handle = await open(file);
    const { size } = await handle.stat();
    ops.beginFile({ parent: root, name }, { stat: { ...meta, size }, xattrs: [] }, await crcOf(file));
    for (let at = 0; at < size;) {
      const { bytesRead, buffer } = await handle.read({ buffer: new Uint8Array(pieceBytes), position: at });
      if (bytesRead === 0) throw new Error(`${file} was cut off while it was sent.`);
      ops.data({ chunk, from: 0, length: bytesRead, at });
      ops.dropChunk(chunk);
      await target.send(bytes.written, [{ chunk, bytes: buffer.subarray(0, bytesRead) }]);
      bytes.reset();
      at += bytesRead;
      chunk += 1;
    }
    ops.endFile();
  }
  ops.finishFolder(root);
  await target.send(bytes.written, []);
  await target.finish();
}

async function crcOf(file: string): Promise<number> {
  await using handle = await open(file);
  let crc = 0;
  for await (const part of handle.createReadStream({ autoClose: false })) {
    crc = crc32(Buffer.isBuffer(part) ? part : Buffer.from(String(part)), crc);
  }
  return crc;
}

import { createReadStream } from 'node:fs';
import { HostAccess } from '../../main/vault/capture/access/host-access.ts';
import { captureTree } from '../../main/vault/capture/capture-tree.ts';
import type { CaptureRequest, CaptureResult } from '../../main/vault/capture/capture.ts';
import type { TreeAccess } from '../../main/vault/capture/records/tree-access.ts';
import { selectChanged } from '../../main/vault/capture/select/select-changed.ts';
import type { Selection } from '../../main/vault/capture/select/selection.ts';
import type { MemoryChunks } from '../fakes/memory-chunks.ts';
import { captureRequest } from './capture.ts';
import { tempFolder } from './temp-folder.ts';

type More = Parameters<typeof captureRequest>[2];

export const oneGibibyte = 2 ** 30;

/** Lists, selects and captures a folder as records, with everything in memory. */
export async function captureByRecords(
  root: string,
  chunks: MemoryChunks,
  more: More = {},
  access: TreeAccess = new HostAccess(root),
): Promise<Readonly<{ result: CaptureResult; selection: Selection }>> {
  const request: CaptureRequest = captureRequest(root, chunks, more);
  const { signal, previous, writer, reader } = request;
  const { exclude = [], only } = more;
  const selection = await selectChanged({
    records: access.list({ exclude, ...(only === undefined ? {} : { only }), sync: false, signal }),
    ...(previous === undefined ? {} : { previous }),
    reader,
    writer,
    mayRecut: true,
    folder: await tempFolder(),
    name: 'tree',
    mostRecordBytes: oneGibibyte,
    signal,
  });
  const records = createReadStream(selection.recordsFile);
  const content = access.send(createReadStream(selection.wantedFile), signal);
  const result = await captureTree({ ...request, tree: { kind: 'records', records, content, selection } });
  return { result, selection };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { ByteWriter } from '../listing/byte-writer.ts';
import type { Entry } from '../listing/entry.ts';
import { ahead } from './ahead.ts';
import { TreeOpsWriter } from './tree-ops.ts';
import { TreeOrder } from './tree-order.ts';
import type { TreeThread } from './tree-thread.ts';

const messageBytes = 65_536;

/** Sends entries to a thread that only looks at a tree, without their content. */
export async function sendEntries(entries: AsyncIterable<Entry>, thread: TreeThread): Promise<void> {
  const bytes = new ByteWriter();
  const ops = new TreeOpsWriter(bytes);
  const order = new TreeOrder({
    folder: (number, place, entry) => {
      ops.folder(number, place, entry);
    },
    finished: (number) => {
      ops.finishFolder(number);
    },
  });
  for await (const entry of ahead(entries, async (next) => await thread.whileRunning(next))) {
    addEntry(entry, order, ops);
    if (bytes.length >= messageBytes) {
      await thread.send(bytes.written, []);
      bytes.reset();
      // A listing that lies in memory would be gone through without an end, while nothing else is answered.
      await nextTurn();
    }
  }
  order.end();
  await thread.send(bytes.written, []);
}

function addEntry(entry: Entry, order: TreeOrder, ops: TreeOpsWriter): void {
  if (entry.kind === 'folder') {
    order.enter(entry, true);
    return;
  }
  const place = order.placeOf(entry);
  switch (entry.kind) {
    case 'symlink':
      ops.symlink(place, entry.target, entry);
      break;
    case 'hardlink':
      ops.hardLink(place, entry.linkTo);
      break;
    case 'file':
      ops.beginFile(place, entry, entry.crc32);
      ops.endFile();
  }
}

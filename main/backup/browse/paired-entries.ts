import type { Entry } from '../../vault/listing/entry.ts';
import { comparePaths } from '../../vault/listing/path-order.ts';
import type { BlockCursor } from './block-cursor.ts';

/** An entry of either listing, or of both where it has the same path. */
export type EntryPair = Readonly<{ old: Entry | undefined; now: Entry | undefined }>;

/** Goes through two listings side by side; blocks that both have are left out unread. */
export async function* pairedEntries(
  before: BlockCursor | undefined,
  after: BlockCursor | undefined,
): AsyncGenerator<EntryPair> {
  for (;;) {
    if (before?.blockId !== undefined && before.blockId === after?.blockId) {
      before.skipBlock();
      after.skipBlock();
      continue;
    }
    const old = await before?.entry();
    const now = await after?.entry();
    if (old === undefined && now === undefined) return;
    const order = orderOf(old, now);
    yield { old: order <= 0 ? old : undefined, now: order >= 0 ? now : undefined };
    if (order <= 0) before?.next();
    if (order >= 0) after?.next();
  }
}

/** Negative when only the old entry stands here, positive when only the new one does. */
function orderOf(old: Entry | undefined, now: Entry | undefined): number {
  if (old === undefined || now === undefined) return old === undefined ? 1 : -1;
  return comparePaths(old.path, old.path.length, now.path, now.path.length);
}

/**
 * The same items; the next one is being made while one is used. `wait` may give up on an item before it comes; nobody waits then
 * for what was begun.
 */
export async function* ahead<Item>(
  items: AsyncIterable<Item>,
  wait: (next: Promise<IteratorResult<Item>>) => Promise<IteratorResult<Item>>,
): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let next = quietly(iterator.next());
  try {
    for (;;) {
      const result = await wait(next);
      if (result.done === true) {
        return;
      }
      next = quietly(iterator.next());
      yield result.value;
    }
  } finally {
    endQuietly(iterator);
  }
}

/** Tells an iterator that no more is wanted, without waiting for what it is at. */
export function endQuietly(iterator: AsyncIterator<unknown>): void {
  if (iterator.return !== undefined) {
    void quietly(iterator.return());
  }
}

/** A rejection that nobody waits for any more is no error. */
function quietly<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}

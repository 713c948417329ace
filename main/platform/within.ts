/**
 * What `work` brings, or undefined when it has not ended after `ms`: nobody waits for it then. The wait itself keeps the process
 * alive, which nothing else may do: threads and timers of ours let it end.
 */
export async function within<Value>(ms: number, work: Promise<Value>): Promise<Value | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

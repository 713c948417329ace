export type StorageOperation =
  | 'put'
  | 'putIfAbsent'
  | 'read'
  | 'readRange'
  | 'stat'
  | 'list'
  | 'delete'
  | 'now'
  | 'space'
  | 'sweep';

/** What tests see of each call, before and after its effect: they may throw or end the process there. */
export type StorageHook = (
  call: Readonly<{ operation: StorageOperation; name: string; moment: 'before' | 'after' }>,
) => void | Promise<void>;

/** One stored object. `modifiedMs` is by the clock of the storage, in ms since 1970. */
export type ObjectInfo = Readonly<{ name: string; size: number; modifiedMs: number }>;

export type StorageOptions = Readonly<{ signal?: AbortSignal }>;

/**
 * Where the objects of a vault lie. Names are `/`-separated lower-case segments (`packs/ab/<hex>`), checked by
 * `assertObjectName`. Every call may be abandoned by its signal, ends within the stall limit, and throws `AppError` of kind
 * `not-found` (no such object), `unavailable` (the place is away or stalls) or `failed` (system errors, with `cause`).
 */
export interface Storage {
  /** For messages, and to open it again: a folder's path, `s3://bucket/prefix?endpoint=…`. */
  readonly location: string;
  /** Writes one object, durable when it resolves, in one step: a reader sees the old, the new or none. Replaces what was there. */
  put(name: string, parts: readonly Uint8Array[], options?: StorageOptions): Promise<void>;
  /** Like `put`, but only where nothing is: false when the name was taken. */
  putIfAbsent(name: string, parts: readonly Uint8Array[], options?: StorageOptions): Promise<boolean>;
  /** A whole object; `failed` when it is larger than `maxBytes`, before it is read. */
  read(name: string, maxBytes: number, options?: StorageOptions): Promise<Buffer>;
  /** Exactly `length` bytes from `offset`; `damaged` when the object ends before. */
  readRange(name: string, offset: number, length: number, options?: StorageOptions): Promise<Buffer>;
  stat(name: string, options?: StorageOptions): Promise<ObjectInfo | undefined>;
  /** Every object whose name starts with `prefix` (which ends in `/`), in no order. Foreign names are left out. */
  list(prefix: string, options?: StorageOptions): AsyncIterable<ObjectInfo>;
  /** Durable when it resolves; no error when it is not there. */
  delete(name: string, options?: StorageOptions): Promise<void>;
  /** The clock of the storage now, in ms since 1970. */
  now(options?: StorageOptions): Promise<number>;
  /** Free and total bytes of the place; undefined where that has no meaning. */
  space(options?: StorageOptions): Promise<Readonly<{ freeBytes: number; totalBytes: number }> | undefined>;
  /** Gives back the reserve that lets deleting work on a full disk; takes it again when there is room. */
  releaseReserve(): Promise<void>;
  restoreReserve(): Promise<void>;
  /** Removes what killed writers left. Only for the holder of the writer lock; not there where nothing can be left. */
  sweepTemporary?(options?: StorageOptions): Promise<void>;
  /** True where deleting at once is safe under an exclusive lock: a folder on this machine. */
  readonly isLocal: boolean;
  /** How many large objects should be on their way at once; three unless said. */
  readonly writesAtOnce?: number;
}

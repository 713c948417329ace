/**
 * The derived keys that sealing and opening threads need, of one generation of the master key. Structured-clonable. All keys are
 * 32 bytes.
 */
export type GenerationKeys = Readonly<{
  generation: number;
  /** HMAC-SHA-256 key of chunk ids. */
  idKey: Uint8Array;
  /** HMAC-SHA-256 key whose result over the chunk id seals that chunk. */
  dataKey: Uint8Array;
  /** Seeds the gear table of the cutter, so that chunk borders tell nothing. */
  cutKey: Uint8Array;
  /** HMAC-SHA-256 key of page hashes. */
  pageKey: Uint8Array;
}>;

/** `current` seals what is new; `all` (current included) opens what is there, by generation. */
export type ThreadKeys = Readonly<{
  vaultId: string;
  current: GenerationKeys;
  all: readonly GenerationKeys[];
}>;

/** One thing that a vault needs of a storage, tried. `note` says what is worth knowing, or why it failed; `advice` what to do then. */
export type StorageCheck = Readonly<{ what: string; isOk: boolean; note?: string; advice?: string }>;

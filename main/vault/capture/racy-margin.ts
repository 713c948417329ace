/** Files whose times are younger than this before the sync may have changed unseen: ns. */
export const racyMarginNs = 2_000_000_000n;

const nsPerMs = 1_000_000n;
const furthestMs = 8_640_000_000_000_000n;

/** A time in ns since 1970 as ISO 8601 in UTC, with all nine decimals. */
export function isoTimeOfNs(timeNs: bigint): string {
  const partNs = ((timeNs % nsPerMs) + nsPerMs) % nsPerMs;
  const ms = (timeNs - partNs) / nsPerMs;
  // Times that dates cannot hold come only from damaged clocks.
  const within = ms > furthestMs ? furthestMs : ms < -furthestMs ? -furthestMs : ms;
  return new Date(Number(within)).toISOString().replace('Z', `${partNs.toString().padStart(6, '0')}Z`);
}

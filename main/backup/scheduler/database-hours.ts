const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Trinity prunes and vacuums its database from 04:15 UTC on, which a copy would wait for, or hold up. */
const beginsMs = (4 * 60 + 15) * minuteMs;
const endsMs = (4 * 60 + 45) * minuteMs;

export function isInDatabaseHours(atMs: number): boolean {
  const timeOfDay = ((atMs % dayMs) + dayMs) % dayMs;
  return timeOfDay >= beginsMs && timeOfDay < endsMs;
}

/** The same moment, or the end of the time in which Trinity works on its database. */
export function outsideDatabaseHours(atMs: number): number {
  return isInDatabaseHours(atMs) ? Math.floor(atMs / dayMs) * dayMs + endsMs : atMs;
}

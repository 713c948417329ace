const hourMs = 3_600_000;
/** By then somebody is awake to see what comes of it. */
const morningHour = 8;

/** When a pause of the tray ends, ISO 8601; undefined: when somebody resumes. */
export function pauseEnd(until: 'hour' | 'tomorrow' | 'resumed', nowMs: number): string | undefined {
  if (until === 'resumed') return undefined;
  if (until === 'hour') return new Date(nowMs + hourMs).toISOString();
  const morning = new Date(nowMs);
  // By the calendar of this place: a day may have 23 hours.
  morning.setDate(morning.getDate() + 1);
  morning.setHours(morningHour, 0, 0, 0);
  return morning.toISOString();
}

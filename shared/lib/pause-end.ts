/** How long backups by the schedule can be paused, from tray and pages. */
export const pauses = [
  { label: '1 hour', until: 'hour' },
  { label: 'Until tomorrow', until: 'tomorrow' },
  { label: 'Until I resume', until: 'resumed' },
] as const;

export type PauseUntil = (typeof pauses)[number]['until'];

const hourMs = 3_600_000;
/** By then somebody is awake to see what comes of it. */
const morningHour = 8;

/** When a pause ends, ISO 8601; undefined: when somebody resumes. */
export function pauseEnd(until: PauseUntil, nowMs: number): string | undefined {
  if (until === 'resumed') return undefined;
  if (until === 'hour') return new Date(nowMs + hourMs).toISOString();
  const morning = new Date(nowMs);
  // By the calendar of this place: a day may have 23 hours.
  morning.setDate(morning.getDate() + 1);
  morning.setHours(morningHour, 0, 0, 0);
  return morning.toISOString();
}

import type { NotificationSettings } from '../../../shared/model/notification-settings.ts';

/** When the quiet hours that it is now end, by the local clock; undefined when it is none. */
export function quietUntilMs(quiet: NotificationSettings['quietHours'], nowMs: number): number | undefined {
  if (quiet === undefined || quiet.from === quiet.to) return undefined;
  const now = new Date(nowMs);
  // They may go over midnight: those that began yesterday count too.
  for (const daysBack of [0, 1]) {
    const start = atClock(now, quiet.from, -daysBack);
    const end = atClock(start, quiet.to, quiet.to > quiet.from ? 0 : 1);
    if (start.getTime() <= nowMs && nowMs < end.getTime()) return end.getTime();
  }
  return undefined;
}

/** The point in time on that day, moved by days, at which a local clock shows `HH:MM`. */
function atClock(day: Date, clock: string, days: number): Date {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hours, minutes);
}

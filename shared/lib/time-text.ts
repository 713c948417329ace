import { countOf } from './size-text.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Two clocks that differ by no more are taken for one. */
const skewMs = 5 * minuteMs;
export const dayMs = 24 * hourMs;

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** How long something takes or took: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** An age in one unit, for sentences: `40 seconds`, `12 min`, `6 h` under two days, then `3 days`. */
export function ageText(ms: number): string {
  if (ms < minuteMs) return countOf(Math.max(1, Math.round(ms / 1000)), 'second');
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`;
  if (ms < 2 * dayMs) return countOf(Math.round(ms / hourMs), 'hour');
  return countOf(Math.round(ms / dayMs), 'day');
}

/** A point in time as people say it, in the local time zone: `12 min ago`, then `Tue 14:02`, then `2026-11-22 14:02`. */
export function momentText(atMs: number, nowMs: number): string {
  const age = nowMs - atMs;
  // `nowMs` of a page may be older than what has just happened. A clock that was set back leaves times in the future: they are told as
  // they are.
  if (age < minuteMs && age > -skewMs) return 'just now';
  if (age >= 0 && age < dayMs) return `${ageText(age)} ago`;
  return age >= 0 ? clockText(atMs, nowMs) : fullText(atMs);
}

/** A point in time, past or to come, by the clock of the local time zone: `14:02`, then `Tue 14:02`, then `2026-11-22 14:02`. */
export function clockText(atMs: number, nowMs: number): string {
  const distance = Math.abs(nowMs - atMs);
  const date = new Date(atMs);
  const clock = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  if (distance < dayMs) return clock;
  return distance < 6 * dayMs ? `${weekdays[date.getDay()] ?? ''} ${clock}` : fullText(atMs);
}

/** A day of the local calendar: `2026-11-22`. */
export function dateText(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** `2026-11-22 14:02`, in the local time zone: for columns, in which moments are compared. */
export function fullText(atMs: number): string {
  const date = new Date(atMs);
  return `${dateText(atMs)} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

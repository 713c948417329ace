import { durationText } from '../../../../shared/lib/time-text.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Steps that have a short name each, and all that are counted up from them. */
const stepsMs: readonly number[] = [
  ...[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30].map((seconds) => seconds * secondMs),
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 5, 10, 20, 50, 100, 200].map((hours) => hours * hourMs),
];
const mostSteps = 5;

/** Where the axis of durations has its marks, in ms: even steps from 0 past the longest, which are told as even ones. */
export function durationTicks(longestMs: number): readonly number[] {
  const step =
    stepsMs.find((each) => longestMs <= each * mostSteps) ??
    Math.ceil(longestMs / mostSteps / hourMs) * hourMs;
  const count = Math.max(1, Math.ceil(longestMs / step));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** A mark of the axis in words: as exact as the step. */
export function tickText(ms: number): string {
  if (ms === 0) return '0 s';
  if (ms < 10 * secondMs) return `${String(Math.round(ms / 10) / 100)} s`;
  return durationText(ms);
}

import type { WritingRun } from '../writer-slot.ts';
import type { RunningFacts } from './facts.ts';

/** A rate over less than this is a guess. */
const leastMs = 2000;

/** The run that is on, with how far its phase is and how long that will still take; undefined for one that nobody waits for. */
export function runningFacts(writing: WritingRun | undefined, nowMs: number): RunningFacts | undefined {
  if (writing === undefined || writing.what === 'change') return undefined;
  const { what, subject, progress, phase } = writing;
  const about = subject === undefined ? { what } : { what, subject };
  if (progress === undefined) return about;
  const { done, total, step } = progress;
  const where = { ...about, phase: progress.phase, ...(step === undefined ? {} : { step }) };
  if (total === undefined || total === 0) return where;
  const percent = Math.min(100, Math.floor((done / total) * 100));
  const elapsedMs = nowMs - (phase?.sinceMs ?? nowMs);
  const doneSince = done - (phase?.done ?? done);
  if (elapsedMs < leastMs || doneSince <= 0) return { ...where, percent };
  const leftMs = (Math.max(0, total - done) * elapsedMs) / doneSince;
  return { ...where, percent, leftMs };
}

import { dayMs } from '../../../shared/lib/time-text.ts';
import type { StatusFacts } from './facts.ts';
import { hourMs } from './source-ages.ts';

/** When the state changes next by time alone: something becomes too old, or a pause ends. Undefined when it never does. */
export function nextChangeMs({
  nowMs,
  sources,
  copies,
  objectives,
  pause,
  kitDueSinceMs,
}: StatusFacts): number | undefined {
  const { backupHours, proofDays, copyHours } = objectives;
  const times = [
    ...sources.flatMap(({ lastGoodMs }) =>
      lastGoodMs === undefined ? [] : [lastGoodMs + backupHours * hourMs],
    ),
    ...sources.flatMap(({ provenMs }) => (provenMs === undefined ? [] : [provenMs + proofDays * dayMs])),
    ...copies.flatMap(({ behindSinceMs }) =>
      behindSinceMs === undefined ? [] : [behindSinceMs + copyHours * hourMs],
    ),
    ...(pause?.untilMs === undefined ? [] : [pause.untilMs]),
    ...(kitDueSinceMs === undefined ? [] : [kitDueSinceMs]),
  ];
  // Something is too old one moment after its age was reached.
  const coming = times.map((time) => time + 1).filter((time) => time > nowMs);
  return coming.length === 0 ? undefined : Math.min(...coming);
}

import { dayMs } from '../../../shared/lib/time-text.ts';
import type { StatusFacts } from './facts.ts';
import { judge } from './judge.ts';
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

const minuteMs = 60_000;

/** The next whole minute from now at which the sentence is another, within the hour; undefined when it stays. */
export function nextWordsMs(facts: StatusFacts): number | undefined {
  const { sentence } = judge(facts);
  for (let minutes = 1; minutes <= 60; minutes += 1) {
    const nowMs = facts.nowMs + minutes * minuteMs;
    if (judge({ ...facts, nowMs }).sentence !== sentence) return nowMs;
  }
  return undefined;
}

import type { Engine } from '../engine.ts';
import type { Judged } from './judged.ts';
import { runningFacts } from './running-facts.ts';

/** What was last gathered, at this moment: what is on, and how far it is, changes by the second, and nothing is looked up for that. */
export function liveFacts({ facts }: Judged, engine: Engine): Judged['facts'] {
  const nowMs = engine.now();
  const { isRunning: isRecovering, problem: unrecovered } = engine.recovery;
  return { ...facts, nowMs, running: runningFacts(engine.writing, nowMs), isRecovering, unrecovered };
}

import type { Engine } from '../engine.ts';
import { runningFacts } from './running-facts.ts';
import type { Judged } from './status-watcher.ts';

/** What was last gathered, at this moment: how far a run is changes by the second, and is not looked up for that. */
export function liveFacts({ facts }: Judged, engine: Engine): Judged['facts'] {
  const nowMs = engine.now();
  return { ...facts, nowMs, running: runningFacts(engine.writing, nowMs) };
}

import { inject, onTestFinished } from 'vitest';
import { engineAt, startEngine } from './engine.ts';
import type { Engine, OwnEngine } from './engine.ts';

/** The engine that all tests of this run share, one file after the other. Who makes a container or a volume removes it. */
export function sharedEngine(): Engine {
  return engineAt(inject('engineFolder'));
}

/** A second, empty engine beside the shared one, gone with all it holds when the test has ended. */
export async function secondEngine(): Promise<OwnEngine> {
  const engine = await startEngine();
  onTestFinished(engine.remove);
  return engine;
}

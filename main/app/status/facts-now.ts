import type { Engine } from '../engine.ts';
import { gatherFacts } from './gather.ts';
import type { WatchedFacts } from './judged.ts';

/** Everything that the state is judged by, looked up now. Whoever watches the state knows it as well from then on, and says so. */
export async function factsNow(engine: Engine): Promise<WatchedFacts> {
  return engine.watcher === undefined ? await gatherFacts(engine) : await engine.watcher.gather();
}

import type { Judgement } from '../../../shared/model/status.ts';
import type { AgentsState } from '../../backup/agents-state.ts';
import type { StatusFacts } from './facts.ts';

/** What was gathered; of agents where the vault was open. */
export type WatchedFacts = StatusFacts & Readonly<{ memory?: AgentsState | undefined }>;

/** What was last told: the state with its sentence and which causes there are, and all of it with what is said of the causes. */
export type Told = Readonly<{ words: string; all: string }>;

export type Judged = Readonly<{ facts: WatchedFacts; judgement: Judgement }>;

/** How far a run is changes whenever somebody looks, and is told by its progress: of its sentence the step alone counts. */
export function tellable({ facts, judgement }: Judged): readonly unknown[] {
  const { state, sentence, causes: found } = judgement;
  // Who shows agents has to hear of one that is gone as well, which changes neither sentence nor causes.
  const agents = facts.memory?.agents.map(({ agent, coverage }) => [agent, coverage]);
  return [state, facts.running === undefined ? sentence : facts.running.step, found, agents];
}

/** Numbers in the words of a cause may be others each time: who asks because something was told must not be told so again. */
export function wordsOf(judged: Judged): string {
  const [state, words] = tellable(judged);
  return JSON.stringify([state, words, judged.judgement.causes.map(({ key }) => key)]);
}

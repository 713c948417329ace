import { z } from 'zod';
import type { AgentsState } from '../../backup/agents-state.ts';
import { operation } from '../operation.ts';
import { factsNow } from '../status/facts-now.ts';
import type { Judgement, StatusSource } from '../../../shared/model/status.ts';
import { judge } from '../status/judge.ts';
import type { QuietStartView } from '../../../shared/model/quiet-start.ts';
import { judgeSources } from '../status/judge-source.ts';

export type Status = Judgement &
  Readonly<{
    sources: readonly StatusSource[];
    /** What is backed up of each agent; null while the vault is not open. */
    memory: AgentsState | null;
    warnings: readonly string[];
    /** ISO 8601; null while nothing is planned. */
    nextRunAt: string | null;
    /** What the last restore has turned off and nobody has turned on since. */
    quietStart: QuietStartView | null;
  }>;

/** The one state of this home, its sentence, and what it is judged by. */
export const status = operation(z.strictObject({}), async (engine): Promise<Status> => {
  const facts = await factsNow(engine);
  return {
    ...judge(facts),
    sources: judgeSources(facts),
    memory: facts.memory ?? null,
    warnings: facts.warnings,
    nextRunAt: facts.nextRunMs === undefined ? null : new Date(facts.nextRunMs).toISOString(),
    quietStart: facts.quietStart ?? null,
  };
});

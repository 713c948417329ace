import { z } from 'zod';
import type { AgentsState } from '../../backup/agents-state.ts';
import { operation } from '../operation.ts';
import { gatherFacts } from '../status/gather.ts';
import { type Judgement, judge } from '../status/judge.ts';

const isoTime = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

export type Status = Omit<Judgement, 'exitCode'> &
  Readonly<{
    exitCode: number;
    sources: readonly Readonly<{ source: string; lastBackupAt: string | null; provenAt: string | null }>[];
    /** What is backed up of each agent; null while the vault is not open. */
    memory: AgentsState | null;
    warnings: readonly string[];
  }>;

/** The one state of this home, its sentence, and what it is judged by. */
export const status = operation(z.strictObject({}), async (engine): Promise<Status> => {
  const facts = await gatherFacts(engine);
  return {
    ...judge(facts),
    sources: facts.sources.map(({ source, lastGoodMs, provenMs }) => ({
      source,
      lastBackupAt: isoTime(lastGoodMs),
      provenAt: isoTime(provenMs),
    })),
    memory: facts.memory ?? null,
    warnings: facts.warnings,
  };
});

import type { StorageHook, StorageOperation } from '../../main/storage/storage-hook.ts';

export type CallPlan = Readonly<{
  /** Which calls are counted, from 1; all when undefined. */
  counts?: 'all' | 'mutating';
  /** Ends the process (SIGKILL) at this call. */
  killAt?: Readonly<{ call: number; moment: 'before' | 'after' }>;
  /** Fails this call, once, with a system error of this code. */
  failAt?: Readonly<{ call: number; code: string }>;
}>;

export type PlannedCalls = Readonly<{ hook: StorageHook; count: () => number }>;

const mutating: ReadonlySet<StorageOperation> = new Set(['put', 'putIfAbsent', 'delete', 'sweep']);

/** Counts calls and lets the planned ones fail or end the process. */
export function planCalls(plan: CallPlan): PlannedCalls {
  let calls = 0;
  const hook: StorageHook = async ({ operation, name, moment }) => {
    if (plan.counts === 'mutating' && !mutating.has(operation)) return;
    if (moment === 'before') calls += 1;
    if (plan.killAt?.call === calls && plan.killAt.moment === moment) await endProcess();
    if (plan.failAt?.call === calls && moment === 'before')
      throw systemError(plan.failAt.code, `${operation} ${name}`);
  };
  return { hook, count: () => calls };
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: planned for ${what}`), { code });
}

async function endProcess(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  // Nothing runs on, should the signal take a moment.
  return await new Promise<never>(() => undefined);
}

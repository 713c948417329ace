import { writeFileSync } from 'node:fs';
import { planCalls } from './call-plan.ts';
import type { CallPlan } from './call-plan.ts';

// The module that TRINITY_BACKUP_TEST_HOOK names in processes of crash tests:
//   TRINITY_TEST_KILL_CALL=n or n:after   SIGKILL before (after) the storage call of this number, from 1
//   TRINITY_TEST_FAIL_CALL=n:CODE         that call fails once with this code (EIO, ENOSPC, EACCES)
//   TRINITY_TEST_COUNTS=mutating          only calls that change something are counted
//   TRINITY_TEST_COUNT_FILE=path          gets the number of calls when the process ends by itself
const { count, hook } = planCalls(planOf(process.env));
const countFile = process.env['TRINITY_TEST_COUNT_FILE'];
if (countFile !== undefined) process.on('exit', () => writeFileSync(countFile, String(count())));

export const storageHook = hook;
/** Of rivals that a storage without conditional PUT waits for there are none. */
export const settle = { waitMs: 20, slowMs: 60_000 };
export const firstPauseMs = 20;

function planOf(environment: NodeJS.ProcessEnv): CallPlan {
  const [killCall, killMoment] = environment['TRINITY_TEST_KILL_CALL']?.split(':') ?? [];
  const [failCall, code] = environment['TRINITY_TEST_FAIL_CALL']?.split(':') ?? [];
  return {
    counts: environment['TRINITY_TEST_COUNTS'] === 'mutating' ? 'mutating' : 'all',
    ...(killCall === undefined
      ? {}
      : { killAt: { call: Number(killCall), moment: killMoment === 'after' ? 'after' : 'before' } }),
    ...(failCall === undefined || code === undefined ? {} : { failAt: { call: Number(failCall), code } }),
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { StorageHook } from '../../../main/storage/storage-hook.ts';
import { planCalls } from '../../fakes/call-plan.ts';
import { newFolder, removeFolder } from '../../helpers/temp-folder.ts';
import { CrashLab } from './crash-lab.ts';
import type { LabContext, RunOptions } from './crash-lab.ts';

const laneCount = 2;
const failures = ['EIO', 'ENOSPC', 'EACCES'] as const;

export type Prepared = Readonly<{
  /** The command that is killed. */
  args: readonly string[];
  /** The command after it, which must work; the same one when undefined. */
  next?: readonly string[];
  /** What the command does, or a quick part of it, for calls that fail: in this process, which is the same to the storage. */
  service: (context: LabContext, hook?: StorageHook) => Promise<unknown>;
  /** Backups that there are before it. */
  backupIds: readonly string[];
  /** Those of them that the command takes away. */
  mayGo?: readonly string[];
  /** Objects that may be missing, by name, until the next command has run: copies of what is there. */
  mayLack?: RegExp;
  /** What must hold once the next command has run, beside what always must. */
  check?: () => void | Promise<void>;
  /** What must hold right after a kill, before anything else runs. */
  checkKilled?: () => Promise<void>;
  /** What must hold right after a failure, before anything else runs. */
  checkFailed?: () => void | Promise<void>;
  /** After one in so many failures the service is called again, where that would tell little. */
  retryEvery?: number;
}>;

/** Brings a new lab to the state before the command, once for each lane: all tests of a file share it. */
export type CrashCase = (lab: CrashLab) => Promise<Prepared>;

/** Kills the command (SIGKILL) at each storage call that changes something, alternately before and after the call. */
export async function killAtEveryCall(crashCase: CrashCase): Promise<void> {
  await inLanes(crashCase, {
    attempts: async (lab, { args }) => await lab.countCalls(args, 'mutating'),
    attempt: async (lab, prepared, call) => {
      const plan = {
        TRINITY_TEST_KILL_CALL: call % 2 === 0 ? String(call) : `${call}:after`,
        TRINITY_TEST_COUNTS: 'mutating',
      };
      await lab.run(prepared.args, { plan });
      await checkAfterKill(lab, prepared);
    },
  });
}

/** Kills the command after random times, spread over its whole run. */
export async function killAtRandom(crashCase: CrashCase, times: number): Promise<void> {
  let longestMs = 0;
  await inLanes(crashCase, {
    attempts: async (lab, { args }) => {
      const started = performance.now();
      await lab.run(args);
      longestMs = Math.max(longestMs, performance.now() - started);
      return times;
    },
    attempt: async (lab, prepared) => {
      await lab.run(prepared.args, { killWhen: async () => await delay(Math.random() * longestMs) });
      await checkAfterKill(lab, prepared);
    },
  });
}

/** Kills a restore once for each of these moments; one that has ended by then is as good. */
export async function killInRestore(
  crashCase: CrashCase,
  moments: readonly NonNullable<RunOptions['killedBy']>[],
): Promise<void> {
  await inLanes(crashCase, {
    attempts: async () => await Promise.resolve(moments.length),
    attempt: async (lab, prepared, number) => {
      const killedBy = moments[number - 1];
      await lab.run(prepared.args, killedBy === undefined ? {} : { killedBy });
      await checkAfterKill(lab, prepared);
    },
  });
}

/** Lets each storage call of the command fail once, with one of three system errors. */
export async function failAtEveryCall(crashCase: CrashCase): Promise<void> {
  await inLanes(crashCase, {
    attempts: async (lab, prepared) => await countServiceCalls(lab, prepared),
    attempt: async (lab, prepared, call) => {
      const failAt = { call, code: failures[call % failures.length] ?? 'EIO' };
      const { hook } = planCalls({ failAt });
      const error = await failureOf(lab.withServices(prepared.service, hook));
      // One sentence for people, not the system's own text alone.
      if (error !== undefined) {
        expect(error).toBeInstanceOf(AppError);
        await prepared.checkFailed?.();
      }
      expect(lab.leftovers()).toEqual([]);
      const known = await inspectWhole(lab, prepared, prepared.backupIds, prepared.mayLack);
      if (call % (prepared.retryEvery ?? 1) > 0) return;
      await lab.withServices(prepared.service);
      await inspectWhole(lab, prepared, known);
    },
  });
}

type Attempts = Readonly<{
  /** How many attempts there are, found out by a whole run. */
  attempts: (lab: CrashLab, prepared: Prepared) => Promise<number>;
  attempt: (lab: CrashLab, prepared: Prepared, number: number) => Promise<void>;
}>;

type Lane = Readonly<{ lab: CrashLab; prepared: Prepared }>;

/** Of this file. */
const folders: string[] = [];
const lanesOf = new Map<CrashCase, Promise<readonly Lane[]>>();

afterAll(async () => {
  for (const folder of folders) await removeFolder(folder);
});

async function newLane(crashCase: CrashCase): Promise<Lane> {
  const folder = await newFolder();
  folders.push(folder);
  const lab = new CrashLab(folder);
  await lab.setUp();
  const prepared = await crashCase(lab);
  lab.save();
  return { lab, prepared };
}

async function preparedLanes(crashCase: CrashCase): Promise<readonly Lane[]> {
  const known = lanesOf.get(crashCase);
  if (known !== undefined) return await known;
  const lanes = Promise.all(Array.from({ length: laneCount }, async () => await newLane(crashCase)));
  lanesOf.set(crashCase, lanes);
  return await lanes;
}

/** Runs attempts from 1 on in lanes side by side, each with a lab of its own that is reset before every one. */
async function inLanes(crashCase: CrashCase, { attempts, attempt }: Attempts): Promise<void> {
  let next = 1;
  const lane = async ({ lab, prepared }: Lane): Promise<void> => {
    lab.reset();
    const count = await attempts(lab, prepared);
    // A command that never writes would prove nothing.
    expect(count).toBeGreaterThan(1);
    for (let number = next++; number <= count; number = next++) {
      lab.reset();
      try {
        await attempt(lab, prepared, number);
      } catch (error) {
        throw new Error(`attempt ${number}: ${messageOf(error)}`, { cause: error });
      }
    }
  };
  await Promise.all((await preparedLanes(crashCase)).map(lane));
}

async function countServiceCalls(lab: CrashLab, { service }: Prepared): Promise<number> {
  const { hook, count } = planCalls({});
  await lab.withServices(service, hook);
  return count();
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What was committed is whole before anything could heal it; the next command works, and puts in order what was open. */
async function checkAfterKill(lab: CrashLab, prepared: Prepared): Promise<void> {
  const known = await inspectWhole(lab, prepared, prepared.backupIds, prepared.mayLack);
  await prepared.checkKilled?.();
  const next = await lab.run(prepared.next ?? prepared.args);
  expect([next.code, next.stderr]).toEqual([expect.toBeOneOf([0, 3]), expect.any(String)]);
  await prepared.check?.();
  expect(lab.leftovers()).toEqual([]);
  await inspectWhole(lab, prepared, known);
}

/** Gives the ids of the backups, all of which verify in full; `known` are still there. */
async function inspectWhole(
  lab: CrashLab,
  { mayGo = [] }: Prepared,
  known: readonly string[],
  mayLack?: RegExp,
): Promise<readonly string[]> {
  const { backupIds, damaged } = await lab.inspect();
  expect(damaged.filter((name) => mayLack?.test(name) !== true)).toEqual([]);
  expect(known.filter((id) => !backupIds.includes(id) && !mayGo.includes(id))).toEqual([]);
  return backupIds;
}

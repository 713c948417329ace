import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { CrashLab, type Ended } from './crash-lab.ts';

const laneCount = 2;
const failures = ['EIO', 'ENOSPC', 'EACCES'] as const;

export type CrashCase = Readonly<{
  /** Brings a new lab to the state before the command, once for each lane. */
  prepare: (lab: CrashLab) => Promise<void>;
  /** The command that is killed or failed. */
  args: (lab: CrashLab) => readonly string[];
  /** More that must hold after the next command, beside what always must. */
  check?: (lab: CrashLab) => Promise<void>;
}>;

/** Kills the command (SIGKILL) at each of its storage calls in turn, alternately before and after the call. */
export async function killAtEveryCall(crashCase: CrashCase): Promise<void> {
  const calls = await atEveryCall(crashCase, (call) => ({
    TRINITY_TEST_KILL_CALL: call % 2 === 0 ? String(call) : `${call}:after`,
    TRINITY_TEST_COUNTS: 'mutating',
  }));
  // A case whose command never writes would prove nothing.
  expect(calls).toBeGreaterThan(2);
}

/** Lets each storage call of the command fail once, with one of three system errors. */
export async function failAtEveryCall(crashCase: CrashCase): Promise<void> {
  const calls = await atEveryCall(crashCase, (call) => ({
    TRINITY_TEST_FAIL_CALL: `${call}:${failures[call % failures.length] ?? 'EIO'}`,
  }));
  expect(calls).toBeGreaterThan(2);
}

/** Kills the command after random times, spread over its whole run. */
export async function killAtRandom(crashCase: CrashCase, times: number): Promise<void> {
  await inLanes(crashCase, async (lab, attempt) => {
    if (attempt > times) return false;
    const started = performance.now();
    lab.reset();
    if (attempt <= laneCount) await lab.run(crashCase.args(lab));
    const killAfterMs = Math.random() * Math.max(400, performance.now() - started);
    lab.reset();
    const ended = await lab.run(crashCase.args(lab), { killAfterMs });
    await checkAfter(lab, crashCase, ended);
    return true;
  });
}

async function atEveryCall(
  crashCase: CrashCase,
  plan: (call: number) => Readonly<Record<string, string>>,
): Promise<number> {
  let calls = 0;
  await inLanes(crashCase, async (lab, call) => {
    lab.reset();
    const ended = await lab.run(crashCase.args(lab), { plan: plan(call) });
    await checkAfter(lab, crashCase, ended);
    const isPastTheLast = ended.signal === null && (ended.code === 0 || ended.code === 3);
    if (!isPastTheLast) calls = Math.max(calls, call);
    // A call whose failure does no harm is not the last one: a few in a row are.
    return !isPastTheLast || call - calls < 12;
  });
  return calls;
}

/** Runs attempts 1, 2, 3 … in lanes side by side, each with a lab of its own, until an attempt in each lane says that it was the last. */
async function inLanes(
  crashCase: CrashCase,
  attempt: (lab: CrashLab, number: number) => Promise<boolean>,
): Promise<void> {
  const folder = await tempFolder();
  let next = 1;
  const lane = async (): Promise<void> => {
    const lab = new CrashLab(mkdtempSync(path.join(folder, 'lane-')));
    await lab.setUp();
    await crashCase.prepare(lab);
    lab.save();
    for (let goesOn = true; goesOn;) {
      const number = next;
      next += 1;
      try {
        goesOn = await attempt(lab, number);
      } catch (error) {
        throw new Error(`attempt ${number}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
}

const listed = z.array(z.object({ backupId: z.string() }));
const verified = z.object({ ok: z.boolean(), damaged: z.array(z.unknown()) });

/** What holds after every crash: the next command works, what was committed is whole, and nothing of ours is left lying about. */
async function checkAfter(lab: CrashLab, crashCase: CrashCase, ended: Ended): Promise<void> {
  if (ended.signal === null && ended.code !== 0 && ended.code !== 3) {
    expect(ended.stderr).toMatch(/"message":"[^"]+/u);
  }
  const before = listed.parse(await lab.succeed(['list']));
  await crashCase.check?.(lab);
  const outcome = await lab.run(crashCase.args(lab));
  expect([outcome.code, outcome.stderr]).toEqual([expect.toBeOneOf([0, 3, 5]), expect.any(String)]);
  expect(verified.parse(await lab.succeed(['verify', '--data', 'full']))).toEqual({ ok: true, damaged: [] });
  const after = new Set(listed.parse(await lab.succeed(['list'])).map((backup) => backup.backupId));
  expect(
    before.filter((backup) => !after.has(backup.backupId) && !crashCase.args(lab).includes(backup.backupId)),
  ).toEqual([]);
  expect(lab.leftovers()).toEqual([]);
}

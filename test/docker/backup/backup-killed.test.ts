import { describe, expect, it } from 'vitest';
import { Pause } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { doomed, kinds } from '../../helpers/victims.ts';
import { containerStates, runStates } from '../../services/docker/containers.ts';
import type { GateMoment } from '../../services/docker/engine-gate.ts';
import { killAtGate } from '../../services/docker/kill-at-gate.ts';
import { startSlowAgent } from '../restore/live-lab.ts';
import { backUp, expectBack, journalsOf, killedLab } from './killed-backup.ts';

/** The steps around what holds a container, each with a write of the journal between it and the next. */
function moments(
  calls: readonly string[],
  [hold, release]: readonly [string, string],
): readonly GateMoment[] {
  expect(calls.indexOf(hold)).toBeGreaterThan(0);
  expect(calls.indexOf(release)).toBeGreaterThan(calls.indexOf(hold));
  return [hold, release].flatMap((name): readonly GateMoment[] => [
    // The one before it: calls are numbered from 1.
    { call: calls.indexOf(name), when: 'after' },
    { call: { name, plus: 0 }, when: 'before' },
    { call: { name, plus: 0 }, when: 'within' },
    { call: { name, plus: 0 }, when: 'after' },
    { call: { name, plus: 1 }, when: 'before' },
  ]);
}

describe('a backup that is killed', { timeout: 900_000 }, () => {
  it('leaves no agent paused, at whatever step and however it is killed, and none runs that did not', async () => {
    const lab = await killedLab();
    const before = await containerStates(lab.engine);
    expect(Object.values(before).map(({ state }) => state)).toEqual(
      expect.arrayContaining(['running', 'paused', 'exited']),
    );
    const calls = await backUp(lab);
    // A busy machine may make it ask once more.
    const last = Math.min(calls.length, (await backUp(lab)).length);
    // Nothing is held yet: journal and guard are made between them.
    const first = calls.indexOf('GET agent-echo-workspace') + 1;
    const steps: readonly GateMoment[] = [
      { call: first, when: 'before' },
      { call: calls.indexOf('GET agent-echo-workspace', first) + 1, when: 'before' },
      ...moments(calls, ['POST pause', 'POST unpause']),
      { call: calls.lastIndexOf('POST unpause') + 1, when: 'after' },
      { call: last, when: 'after' },
    ];
    for (const step of steps)
      for (const victims of kinds) {
        await killAtGate(lab, ['backup'], { moment: step, victims });
        await expectBack(lab, before, { after: `${JSON.stringify(step)} ${victims}` });
        // Its guard's calls would be counted among those of the next.
        await expect.poll(() => journalsOf(lab)).toEqual([]);
      }
    await backUp(lab);
    expect(await lab.lab.json(['list'])).toHaveLength(3);
    expect(journalsOf(lab)).toEqual([]);
  });

  it('leaves none stopped either, that it was stopping or starting', async () => {
    const lab = await killedLab();
    await startSlowAgent(lab.engine);
    await lab.lab.json(['settings', 'set', 'agents', '{"slow":{"consistency":"stop"}}']);
    const before = await runStates(lab.engine);
    const startedAt = async (): Promise<string | undefined> =>
      (await containerStates(lab.engine))['agent-slow']?.startedAt;
    const steps = moments(await backUp(lab), ['POST stop', 'POST start']);
    for (const [index, step] of steps.entries()) {
      const [started, victims] = [await startedAt(), kinds[index % kinds.length]];
      await killAtGate(lab, ['backup'], { moment: step, victims });
      const isStopped = lab.gate.sent().includes('POST stop');
      // The first of them is known by its number alone.
      if (index > 0) expect(isStopped).toBe(index > 1);
      // The engine goes on with what it was asked for: it runs for a while yet.
      if (isStopped) await expect.poll(startedAt).not.toBe(started);
      await expectBack(lab, before, { after: `${JSON.stringify(step)} ${String(victims)}`, seen: runStates });
      if (!isStopped) expect(await startedAt()).toBe(started);
      // The guard looks on for as long as the engine may be stopping what runs.
      await expect.poll(() => journalsOf(lab)).toEqual([]);
    }
    await backUp(lab);
    expect(journalsOf(lab)).toEqual([]);
  });

  it('leaves all as it was while it stores what it has copied, too', async () => {
    const lab = await killedLab();
    const before = await containerStates(lab.engine);
    const names = ['packs/', 'index/', 'backups/'];
    for (const [index, prefix] of names.entries()) {
      const pause = new Pause(await tempFolder(), { operation: 'put', prefix });
      const { through, kill } = doomed(kinds[index] ?? 'process');
      const running = lab.lab.start(['backup'], pause.env, through);
      await pause.reached();
      kill(running.pid);
      expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
      await expectBack(lab, before, { after: prefix });
      expect(await lab.lab.json(['list'])).toEqual([]);
    }
    await backUp(lab);
    expect(journalsOf(lab)).toEqual([]);
  });
});

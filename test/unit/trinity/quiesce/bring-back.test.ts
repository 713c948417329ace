import { describe, expect, it } from 'vitest';
import {
  bringBack,
  stopGraceSeconds,
  type BringBackOptions,
  type ContainerControl,
} from '../../../../main/trinity/quiesce/bring-back.ts';
import type { ContainerFacts } from '../../../../main/trinity/docker/engine-facts.ts';

const before = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:01:00Z';
const facts: ContainerFacts = {
  id: 'abcdef012345',
  name: 'agent-one',
  state: 'exited',
  startedAt: before,
  createdAt: before,
  pid: 0,
  restartPolicy: { name: 'no', maximumRetryCount: 0 },
  image: { id: 'x', name: 'x' },
  labels: {},
  mounts: [],
  networkMode: 'none',
  removesItself: false,
  publishedPorts: [],
};

type Now = Pick<ContainerFacts, 'state' | 'startedAt'>;

/** An engine with one container, and what was asked of it. It is found in these states one after the other, and stays in the last. */
function engineWith(
  now: Now,
  ...next: readonly Now[]
): Readonly<{ engine: ContainerControl; asked: readonly string[] }> {
  const found = [now, ...next];
  const asked: string[] = [];
  const told = (what: string) => async (): Promise<void> => {
    asked.push(what);
    await Promise.resolve();
  };
  const engine = {
    inspectContainer: async () =>
      await Promise.resolve({ ...facts, ...((found.length > 1 ? found.shift() : found[0]) ?? now) }),
    pause: told('pause'),
    unpause: told('unpause'),
    stop: told('stop'),
    start: told('start'),
    setRestartPolicy: told('policy'),
  };
  return { engine, asked };
}

const stopped = { id: facts.id, name: facts.name, startedAt: before, action: 'stop' } as const;

describe('bringBack, of a container that was paused before it was stopped', () => {
  const held = { ...stopped, wasPaused: true };

  it('starts and pauses it', async () => {
    const { engine, asked } = engineWith({ state: 'exited', startedAt: before });
    expect(await bringBack(engine, [held])).toEqual([]);
    expect(asked).toEqual(['start', 'pause']);
  });

  it('pauses it, when whoever started it did not come to that', async () => {
    const { engine, asked } = engineWith({ state: 'running', startedAt: later });
    expect(await bringBack(engine, [held])).toEqual([]);
    expect(asked).toEqual(['pause']);
  });

  it('lets it alone, when it is paused, or somebody has resumed it before it was stopped', async () => {
    for (const now of [
      { state: 'paused', startedAt: later },
      { state: 'running', startedAt: before },
    ] as const) {
      const { engine, asked } = engineWith(now);
      expect(await bringBack(engine, [held])).toEqual([]);
      expect(asked).toEqual([]);
    }
  });
});

describe('bringBack, of a container that ran', () => {
  it('does not pause it, whoever has started it', async () => {
    const { engine, asked } = engineWith({ state: 'running', startedAt: later });
    await bringBack(engine, [stopped]);
    expect(asked).toEqual([]);
  });
});

describe('bringBack, of what a dead process was about to hold', () => {
  const untouched = { state: 'running', startedAt: before } as const;
  const paused = { ...stopped, action: 'pause' } as const;

  /** Waits without taking time. */
  function dead(): Readonly<{ options: BringBackOptions; waited: () => number }> {
    let waitedMs = 0;
    const wait = async (ms: number): Promise<void> => {
      waitedMs += ms;
      await Promise.resolve();
    };
    return { options: { isOwnerDead: true, wait }, waited: () => waitedMs };
  }

  it('starts what the engine stops only then, and resumes what it pauses only then', async () => {
    const stopping = engineWith(untouched, untouched, untouched, { state: 'exited', startedAt: before });
    expect(await bringBack(stopping.engine, [stopped], dead().options)).toEqual([]);
    expect(stopping.asked).toEqual(['start']);
    const pausing = engineWith(untouched, untouched, { state: 'paused', startedAt: before });
    expect(await bringBack(pausing.engine, [paused], dead().options)).toEqual([]);
    expect(pausing.asked).toEqual(['unpause']);
  });

  it('lets it alone when it runs for longer than the engine can be about to stop it', async () => {
    const { engine, asked } = engineWith(untouched);
    const { options, waited } = dead();
    expect(await bringBack(engine, [stopped], options)).toEqual([]);
    expect(asked).toEqual([]);
    expect(waited()).toBeGreaterThan(stopGraceSeconds * 1000);
  });

  it('waits for nothing while the process that held it lives', async () => {
    const { engine } = engineWith(untouched);
    const { options, waited } = dead();
    await bringBack(engine, [stopped], { ...options, isOwnerDead: false });
    expect(waited()).toBe(0);
  });
});

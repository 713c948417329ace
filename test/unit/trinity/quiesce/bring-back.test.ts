import { describe, expect, it } from 'vitest';
import { bringBack, type ContainerControl } from '../../../../main/trinity/quiesce/bring-back.ts';
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

/** An engine with one container, and what was asked of it. */
function engineWith(
  now: Pick<ContainerFacts, 'state' | 'startedAt'>,
): Readonly<{ engine: ContainerControl; asked: readonly string[] }> {
  const asked: string[] = [];
  const told = (what: string) => async (): Promise<void> => {
    asked.push(what);
    await Promise.resolve();
  };
  const engine = {
    inspectContainer: async () => await Promise.resolve({ ...facts, ...now }),
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

import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Page } from 'playwright-core';
import type { Engine } from '../../main/app/engine.ts';
import type { OperationOptions } from '../../main/app/operation.ts';
import type { StatusFacts } from '../../main/app/status/facts.ts';
import { runningFacts } from '../../main/app/status/running-facts.ts';
import { TrayController } from '../../main/app/tray/tray-controller.ts';
import type { TrayModel } from '../../main/app/tray/tray-model.ts';
import { type StateName, stateNames } from '../../shared/model/status.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { dayMs, hourMs, nowMs, statusFacts, statusSource } from '../fakes/status-facts.ts';
import { leaveHeldRecovery } from '../helpers/held-recovery.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { sentenceOfMetrics, sentenceOfStatus, sentencesShown } from '../helpers/state-doors.ts';

const world = vi.hoisted(() => ({ facts: undefined as Partial<StatusFacts> | undefined }));

// What is found in vault and install is that of a row; all that is told of it is real.
vi.mock('../../main/app/status/gather.ts', () => ({
  gatherFacts: async (engine: Engine): Promise<StatusFacts> =>
    await Promise.resolve({
      ...statusFacts(world.facts),
      nowMs: engine.now(),
      running: runningFacts(engine.writing, engine.now()),
      isRecovering: engine.recovery.isRunning,
    }),
}));

const late = statusSource('the database', { lastGoodMs: nowMs - 26 * hourMs });
const failure = { atMs: nowMs - 4 * hourMs, cause: 'The disk is full.', kind: 'full' } as const;
const copy = { name: 'nas', place: '/mnt/nas', required: true, problem: undefined };

/** UI.md 3; those that a run or a recovery makes have one. */
const rows: Readonly<Record<StateName, Partial<StatusFacts>>> = {
  'set up': { isSetUp: false },
  locked: { vault: 'locked', vaultProblem: 'No key fits.' },
  restoring: {},
  recovering: {},
  running: {},
  damaged: { damage: '2 backups are damaged: the database.' },
  stopped: { schedule: 'stopped' },
  failed: { sources: [{ ...late, lastRunFailed: true }], lastFailure: failure },
  stale: { sources: [late] },
  attention: { lastFailure: { ...failure, kind: 'other' } },
  uncovered: {
    sources: [statusSource('the database'), statusSource('agent new', { lastGoodMs: undefined })],
  },
  'copy behind': { copies: [{ ...copy, behindSinceMs: nowMs - 3 * dayMs }] },
  'first backup': { sources: [] },
  unproven: { sources: [statusSource('the database', { provenMs: nowMs - 20 * dayMs })] },
  warnings: { warnings: ['3 files could not be read.'] },
  paused: { pause: { untilMs: nowMs + 2 * hourMs } },
  waiting: { installProblem: { place: 'Docker', sentence: 'The engine does not answer.' } },
  protected: {},
};

const runs: Partial<Record<StateName, 'backup' | 'restore'>> = { running: 'backup', restoring: 'restore' };

const clock = new FakeClock(nowMs);
const lab = sharedBrowserLab({ isSetUp: true, clock });
const shown: TrayModel[] = [];
let end: () => void = () => undefined;

beforeAll(() => {
  const tray = new TrayController(lab.rest().application, { show: (model) => void shown.push(model) });
  return async () => await tray[Symbol.asyncDispose]();
});

afterEach(() => end());

/** A run of this kind goes on, at 62 %. */
async function beginRun(what: 'backup' | 'restore'): Promise<void> {
  const { engine } = lab.rest().application;
  const options: OperationOptions = { signal: new AbortController().signal, onProgress: () => undefined };
  const ended = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const run = engine.writer.run({ what }, options, async ({ onProgress }) => {
    onProgress({ phase: 'Copying', done: 62, total: 100, unit: 'files', detail: '' });
    started.resolve();
    await ended.promise;
  });
  end = () => {
    ended.resolve();
    end = () => undefined;
  };
  await started.promise;
  onTestFinished(async () => {
    await run;
  });
}

/** An interrupted restore is being put right. */
async function beginRecovery(): Promise<void> {
  const { application, home } = lab.rest();
  const held = await leaveHeldRecovery(home);
  const options: OperationOptions = { signal: new AbortController().signal, onProgress: () => undefined };
  const recovered = application.run('recover', {}, options);
  await held.reached;
  end = () => {
    held.goOn();
    end = () => undefined;
  };
  onTestFinished(async () => void (await recovered));
}

/** The sentence at every door, at one moment. */
async function sentences(page: Page): Promise<Readonly<Record<string, unknown>>> {
  const rest = lab.rest();
  return {
    ...(await sentencesShown(shown.at(-1), page)),
    status: await sentenceOfStatus(rest),
    metrics: await sentenceOfMetrics(rest),
  };
}

describe('the sentence of each state', () => {
  it.each(stateNames)('is the same in tray, tooltip, overview, status and metrics: %s', async (state) => {
    world.facts = rows[state];
    const run = runs[state];
    if (run !== undefined) await beginRun(run);
    if (state === 'recovering') await beginRecovery();
    const page = await lab.open();
    const { application } = lab.rest();
    application.events.emit('vaultChanged', {});
    await expect
      .poll(async () => {
        // The watcher looks a second after what happened, the tray a second after that.
        await clock.advance(1000);
        return application.judged?.judgement.state;
      })
      .toBe(state);
    await clock.advance(1000);
    const sentence = application.judged?.judgement.sentence;
    const everywhere = {
      tooltip: sentence,
      header: sentence,
      overview: sentence,
      status: sentence,
      metrics: sentence,
    };
    await expect.poll(async () => await sentences(page)).toEqual(everywhere);
  });
});

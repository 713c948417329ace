import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Engine } from '../engine.ts';
import { operation } from '../operation.ts';
import { scheduleFacts } from '../schedule/schedule-facts.ts';

export type Schedule = Readonly<{
  /** `unknown`: no application has run in this home yet. */
  state: 'running' | 'stopped' | 'off' | 'unknown';
  everyHours: number;
  /** The next three, ISO 8601; none while nothing is planned. */
  nextRuns: readonly string[];
  isPaused: boolean;
  /** Null while paused: until somebody resumes. */
  pausedUntil: string | null;
  lastSuccessAt: string | null;
}>;

const shownRuns = 3;

/** What is planned in this home. */
export const schedule = operation(z.strictObject({}), async (engine): Promise<Schedule> => {
  const { settings } = await engine.settings.read();
  const { schedule: state, pause } = await scheduleFacts(engine, settings);
  const { lastSuccessMs } = (await engine.schedule()).state;
  const iso = (ms: number | undefined): string | null => (ms === undefined ? null : isoTime(ms));
  return {
    state,
    everyHours: settings.backup.scheduleHours,
    nextRuns: (engine.scheduler?.nextRuns(shownRuns) ?? []).map((atMs) => isoTime(atMs)),
    isPaused: pause !== undefined,
    pausedUntil: iso(pause?.untilMs),
    lastSuccessAt: iso(lastSuccessMs),
  };
});

/** Makes no backup by itself for some time, or until it is resumed; whoever asks for one gets it. */
export const pause = operation(
  z.strictObject({ until: z.iso.datetime({ offset: true }).optional() }),
  async (engine, { until }): Promise<Schedule> => {
    if (until !== undefined && Date.parse(until) <= engine.now()) {
      throw new AppError('usage', 'A pause ends in the future: name a later moment, or none.');
    }
    return await withPause(engine, until ?? 'resumed');
  },
);

/** Ends a pause; what was missed meanwhile is made up for soon. */
export const resume = operation(z.strictObject({}), async (engine) => await withPause(engine, undefined));

/** Cancels the backup, restore or change that is going on; `false`: there was none. It takes a moment to end. */
export const cancel = operation(
  z.strictObject({}),
  async (engine): Promise<Readonly<{ cancelled: boolean }>> => ({ cancelled: engine.writer.cancel() }),
);

async function withPause(engine: Engine, pausedUntil: string | undefined): Promise<Schedule> {
  await engine.settings.change((settings) => ({
    ...settings,
    backup: { ...settings.backup, pausedUntil },
  }));
  return await schedule.run(
    engine,
    {},
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

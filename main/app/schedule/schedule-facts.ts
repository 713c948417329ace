import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { Engine, ScheduleView } from '../engine.ts';
import { isSetUp } from '../settings/set-up.ts';
import type { StatusFacts } from '../status/facts.ts';
import { isPaused, pausedUntilMs, scheduleSettings } from './schedule-settings.ts';

/** What the state of a home is judged by, of its schedule. */
export async function scheduleFacts(
  engine: Engine,
  settings: HomeSettings,
): Promise<Pick<StatusFacts, 'schedule' | 'nextRunMs' | 'pause'>> {
  const untilMs = pausedUntilMs(settings);
  return {
    schedule: await scheduleOf(engine, settings),
    nextRunMs: engine.scheduler?.nextRuns(1)[0],
    pause: isPaused(settings, engine.now())
      ? { untilMs: untilMs === 'forever' ? undefined : untilMs }
      : undefined,
  };
}

/** What there will be of a schedule that begins as soon as interrupted runs are put right: until then it is not one that has stopped. */
export async function scheduleAhead(engine: Engine): Promise<ScheduleView> {
  const { settings } = await engine.settings.read();
  return { isOn: scheduleSettings(settings, engine.entitlements).isOn, nextRuns: () => [] };
}

/** Where no schedule has ever run, whoever backs up from cron is not told that it does not. */
async function scheduleOf(engine: Engine, settings: HomeSettings): Promise<StatusFacts['schedule']> {
  if (!settings.backup.enabled || !isSetUp(settings)) return 'off';
  if (engine.scheduler?.isOn === true) return 'running';
  return (await engine.schedule()).state.plan === undefined ? 'unknown' : 'stopped';
}

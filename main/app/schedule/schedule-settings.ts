import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { EntitlementService } from '../../backup/entitlements/entitlement-service.ts';
import type { ScheduleSettings } from '../../backup/scheduler/scheduler-ports.ts';
import { isSetUp } from '../settings/set-up.ts';

const hourMs = 3_600_000;

/** The settings of a home as the schedule understands them. */
export function scheduleSettings(settings: HomeSettings, entitlements: EntitlementService): ScheduleSettings {
  const { enabled, scheduleHours } = settings.backup;
  return {
    isOn: enabled && isSetUp(settings) && entitlements.isEntitled('backup'),
    intervalMs: scheduleHours * hourMs,
    pausedUntilMs: pausedUntilMs(settings),
  };
}

/** Ms since 1970; `forever`: until somebody resumes. A pause may be over by now. */
export function pausedUntilMs({ backup }: HomeSettings): number | 'forever' | undefined {
  const { pausedUntil } = backup;
  if (pausedUntil === undefined) return undefined;
  return pausedUntil === 'resumed' ? 'forever' : Date.parse(pausedUntil);
}

/** Whether backups that nobody asked for are to be left out just now. */
export function isPaused(settings: HomeSettings, nowMs: number): boolean {
  const untilMs = pausedUntilMs(settings);
  return untilMs === 'forever' || (untilMs ?? 0) > nowMs;
}

import type { Clock } from '../../platform/clock.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { SkipReason } from './skip-text.ts';

/** As much of the settings as the schedule needs. */
export type ScheduleSettings = Readonly<{
  /** Enabled and entitled, and there are an install and a vault. */
  isOn: boolean;
  intervalMs: number;
  /** `forever`: until it is resumed. */
  pausedUntilMs: number | 'forever' | undefined;
}>;

/** How a run ended; `skipped`: it did not come to one. With a message, nobody else has recorded that. */
export type ScheduledOutcome =
  | Readonly<{ outcome: 'succeeded' | 'incomplete' | 'failed' | 'cancelled' }>
  | Readonly<{ outcome: 'skipped'; reason: 'waiting' | 'busy'; message?: string }>;

export type SchedulerPorts = Readonly<{
  clock: Clock;
  store: ScheduleStore;
  /** Why the vault's place cannot be used now, one sentence; undefined when it is there. */
  destinationProblem: () => Promise<string | undefined>;
  /** Something else changes vault or install just now. */
  isBusy: () => boolean;
  /** Makes one backup, and notes it in the store when it is whole and good. */
  run: (trigger: 'scheduled' | 'startup') => Promise<ScheduledOutcome>;
  recordSkip: (reason: SkipReason, message: string) => void;
  /** The next run is another one, or there is none any more. */
  onChange: () => void;
  /** Something went wrong that no run tells. */
  onProblem: (message: string) => void;
}>;

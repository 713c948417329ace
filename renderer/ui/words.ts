import type { Trigger } from '../../shared/model/trigger.ts';

/** Why a backup was made, as people say it. */
export const triggerWords: Readonly<Record<Trigger, string>> = {
  scheduled: 'By the schedule',
  manual: 'Asked for',
  startup: 'At the start',
  shutdown: 'At the end',
  pre_migration: 'Before a restore',
};

import type { EventOf } from '../../../shared/model/events.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { Logger } from './logger.ts';

/** Writes what happens into the log: runs, changed settings, the state. Progress and what follows from these are left out. */
export function logEvents(events: EventBus, logger: Logger): Disposable {
  return events.subscribe(({ name, event }) => {
    if (name === 'runStarted') {
      logger.info({ runId: event.runId, trigger: event.trigger }, `${event.what} started`);
    } else if (name === 'runFinished') {
      logFinished(event, logger);
    } else if (name === 'settingsChanged') {
      logger.info({ names: event.names.join(', ') }, 'settings changed');
    } else if (name === 'statusChanged') {
      logger.info({ state: event.state, sentence: event.sentence }, 'state changed');
    }
  });
}

function logFinished(event: EventOf<'runFinished'>, logger: Logger): void {
  const { what, runId, outcome, backupId, message, startedMs, finishedMs } = event;
  const isGood = outcome === 'succeeded' || outcome === 'skipped';
  const fields = { runId, outcome, backupId, durationMs: finishedMs - startedMs, reason: message };
  logger[isGood ? 'info' : 'warn'](fields, `${what} finished`);
}

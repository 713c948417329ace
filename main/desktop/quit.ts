import { app } from 'electron';
import type { Application } from '../app/application.ts';
import { errorFields } from '../app/logs/logger.ts';
import { QuitFlow } from '../app/quit/quit-flow.ts';
import { judge } from '../app/status/judge.ts';
import { liveFacts } from '../app/status/live-facts.ts';
import { askQuit } from './windows/dialogs.ts';

function sentenceOf({ judged, engine }: Application): string {
  return judged === undefined ? '' : judge(liveFacts(judged, engine)).sentence;
}

export type Ending = Readonly<{
  /** The session ends: nobody is asked any more. */
  now: () => void;
}>;

/**
 * Whoever quits is asked where something would be lost; then the application is stopped before the process goes. `begin` is the first of
 * it, once it is decided.
 */
export function endOnWord(application: Application, begin: () => Promise<void>): Ending {
  const { engine } = application;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    let code = 1;
    try {
      await begin();
      await application.stop();
      code = 0;
    } catch (error) {
      engine.log.of('quit').error(errorFields(error), 'not stopped in order');
    } finally {
      // Whatever went wrong: what was open is in its journal, and nobody could end us any more.
      app.exit(code);
    }
  };
  const now = (): void => void (stopping ??= stop());
  const flow = new QuitFlow({
    facts: () => ({
      running: engine.writing?.what,
      sentence: sentenceOf(application),
      isScheduled: engine.scheduler?.isOn === true,
    }),
    ask: askQuit,
    cancel: () => void engine.writer.cancel(),
    idle: async () => await engine.writer.idle(),
    end: now,
  });
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (stopping === undefined) void flow.request();
  });
  // Systems that end by signals ask nobody. Left to Electron, each would be one more wish to quit.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, now);
  return { now };
}

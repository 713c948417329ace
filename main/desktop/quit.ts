import { app } from 'electron';
import type { Application } from '../app/application.ts';
import { errorFields } from '../app/logs/logger.ts';
import { QuitFlow } from '../app/quit/quit-flow.ts';
import type { QuitFacts } from '../app/quit/quit-question.ts';
import { judge } from '../app/status/judge.ts';
import { liveFacts } from '../app/status/live-facts.ts';
import { askQuit } from './windows/dialogs.ts';

export type EndingParts = Readonly<{
  /** Undefined until there is one: nothing is lost by then. */
  application: () => Application | undefined;
  /** The first of the end, once it is decided. */
  begin: () => Promise<void>;
}>;

export type Ending = Readonly<{
  /** The session ends: nobody is asked any more. */
  now: () => void;
}>;

/** Whoever quits is asked where something would be lost; then the application is stopped before the process goes. */
export function endOnWord({ application, begin }: EndingParts): Ending {
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    let code = 1;
    try {
      await begin();
      await application()?.stop();
      code = 0;
    } catch (error) {
      application()?.engine.log.of('quit').error(errorFields(error), 'not stopped in order');
    } finally {
      // Whatever went wrong: what was open is in its journal, and nobody could end us any more.
      app.exit(code);
    }
  };
  const now = (): void => void (stopping ??= stop());
  const flow = new QuitFlow({
    facts: () => quitFacts(application()),
    ask: askQuit,
    cancel: () => void application()?.engine.writer.cancel(),
    idle: async () => {
      await application()?.engine.recovery.idle();
      await application()?.engine.writer.idle();
      await application()?.engine.exports.idle();
    },
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

function quitFacts(application: Application | undefined): QuitFacts {
  if (application === undefined) return { running: undefined, sentence: '', isScheduled: false };
  const { judged, engine } = application;
  return {
    running: runningIn(engine),
    sentence: judged === undefined ? '' : judge(liveFacts(judged, engine)).sentence,
    isScheduled: engine.scheduler?.isOn === true,
  };
}

function runningIn({ recovery, writing, exports }: Application['engine']): QuitFacts['running'] {
  if (recovery.isRunning) return 'recovery';
  return writing?.what ?? (exports.isAny ? 'export' : undefined);
}

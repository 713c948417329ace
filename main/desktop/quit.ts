import { app } from 'electron';
import type { Application } from '../app/application.ts';
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
    await begin();
    await application.stop();
    app.exit(0);
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
  // Systems that end by signals ask nobody.
  process.on('SIGTERM', now);
  process.on('SIGINT', now);
  return { now };
}

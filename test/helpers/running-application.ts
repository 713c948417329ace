import { cpSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';
import { Application } from '../../main/app/application.ts';
import type { InputOf, OperationName, ResultOf } from '../../main/app/operations/operations.ts';
import type { AppEvent } from '../../shared/model/events.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import type { CommandLab, Pause } from './command-lab.ts';

const options = { signal: new AbortController().signal, onProgress: () => undefined };

/** An application in this process, on a lab's home and on a clock that the test turns; it ends with the test. */
export class RunningApplication {
  readonly clock: FakeClock;
  readonly notices: string[] = [];
  readonly events: AppEvent[] = [];
  readonly #lab: CommandLab;
  #application: Application | undefined;

  private constructor(lab: CommandLab, nowMs: number) {
    this.#lab = lab;
    this.clock = new FakeClock(nowMs);
    vi.stubEnv('XDG_STATE_HOME', `${lab.base}/state`);
    onTestFinished(async () => {
      await this.#application?.stop();
      vi.unstubAllEnvs();
    });
  }

  /** At noon, so that nothing falls into the time in which Trinity works on its database. */
  static async start(lab: CommandLab): Promise<RunningApplication> {
    const running = new RunningApplication(lab, Date.parse('2026-03-02T12:00:00Z'));
    await running.start();
    return running;
  }

  async start(): Promise<void> {
    this.#application = await Application.start({
      homeFolder: this.#lab.home,
      passphrase: undefined,
      clock: this.clock,
      signal: options.signal,
      onNotice: (message) => void this.notices.push(message),
    });
    this.#application.events.subscribe((event) => void this.events.push(event));
  }

  get application(): Application {
    if (this.#application === undefined) throw new Error('The application is not running.');
    return this.#application;
  }

  async run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<ResultOf<Name>> {
    return await this.application.run(name, input, options);
  }

  /** Time passes, and what it began has ended. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.quiet();
  }

  /**
   * Nothing is due or runs any more, and the last run went well: until it has, the plan is to try again. The disk takes its own time,
   * whatever the clock of the test says.
   */
  async quiet(): Promise<void> {
    const { engine } = this.application;
    const store = await engine.schedule();
    const isQuiet = (): boolean => {
      const { plan } = store.state;
      const isDue = engine.scheduler?.isOn === true && (plan?.atMs ?? Infinity) <= this.clock.now() + 1000;
      return engine.writing === undefined && !isDue && plan?.reason !== 'retry';
    };
    await this.until(isQuiet);
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    do await delay(10);
    while (!(await isSo()));
  }

  /** The states that were told, in their order. */
  states(): readonly string[] {
    return this.events.flatMap(({ name, event }) => (name === 'statusChanged' ? [event.state] : []));
  }

  /** The sentences of these states. */
  sentences(): readonly string[] {
    return this.events.flatMap(({ name, event }) => (name === 'statusChanged' ? [event.sentence] : []));
  }

  /** The history of backups, newest first: trigger and how it ended. */
  async history(): Promise<readonly string[]> {
    const catalog = await this.application.engine.catalog();
    return catalog
      .runs(50, 'backup')
      .map(({ trigger, outcome, skipReason }) =>
        [trigger, outcome, ...(skipReason === undefined ? [] : [skipReason])].join(' '),
      );
  }
}

/** In this process a hook is loaded once from each file, with what it is to do. */
export function useHere(pause: Pause, lab: CommandLab): void {
  const hook = path.join(lab.base, 'hook.mjs');
  cpSync(pause.env['TRINITY_BACKUP_TEST_HOOK'] ?? '', hook);
  for (const [name, value] of Object.entries({ ...pause.env, TRINITY_BACKUP_TEST_HOOK: hook })) {
    vi.stubEnv(name, value);
  }
}

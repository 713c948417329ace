import type { AppEvent } from '../../../shared/model/events.ts';
import type { Application } from '../application.ts';
import { errorFields } from '../logs/logger.ts';
import { isPaused } from '../schedule/schedule-settings.ts';
import { judge } from '../status/judge.ts';
import { liveFacts } from '../status/live-facts.ts';
import { type TrayFacts, type TrayModel, trayModel } from './tray-model.ts';

/** The tray of a desktop. */
export type TrayMenuPort = Readonly<{ show: (model: TrayModel) => void }>;

/** After which events the tray may be another. */
const causes: ReadonlySet<AppEvent['name']> = new Set([
  'statusChanged',
  'statusAged',
  'runStarted',
  'runProgress',
  'runFinished',
  'scheduleChanged',
  'settingsChanged',
]);

/** As often as a number in a menu is worth changing. */
const betweenMs = 1000;
const shownRuns = 5;

/** Keeps the tray true: a new model is shown when it is another than the last, at most once a second. */
export class TrayController implements AsyncDisposable {
  readonly #application: Application;
  readonly #port: TrayMenuPort;
  readonly #subscription: Disposable;
  #timer: Disposable | undefined;
  #work: Promise<void> = Promise.resolve();
  #shown = '';
  #isEnded = false;

  constructor(application: Application, port: TrayMenuPort) {
    this.#application = application;
    this.#port = port;
    this.#subscription = application.events.subscribe(({ name }) => {
      if (causes.has(name)) this.#refreshSoon();
    });
    this.#refreshSoon(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#subscription[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#work;
  }

  #refreshSoon(ms = betweenMs): void {
    if (this.#isEnded) return;
    this.#timer ??= this.#application.clock.after(ms, () => {
      this.#timer = undefined;
      this.#work = this.#refreshAfter(this.#work);
    });
  }

  /** One after the other: what was read first must not be shown last. */
  async #refreshAfter(before: Promise<void>): Promise<void> {
    await before;
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const { engine } = this.#application;
    try {
      const facts = await this.#facts();
      if (facts === undefined || this.#isEnded) return;
      const model = trayModel(facts);
      const text = JSON.stringify(model);
      if (text === this.#shown) return;
      this.#shown = text;
      this.#port.show(model);
    } catch (error) {
      // The tray stays as it was; the next event tries again.
      engine.log.of('tray').error(errorFields(error), 'tray not shown');
    }
  }

  /** Undefined until the state was judged, and from the end of a run until it is judged anew: what was before the run is not so any more. */
  async #facts(): Promise<TrayFacts | undefined> {
    const { judged, isJudgedBehind, engine } = this.#application;
    if (judged === undefined || isJudgedBehind) return undefined;
    const facts = liveFacts(judged, engine);
    const { settings } = await engine.settings.read();
    const runs = (await engine.catalog()).history({ limit: shownRuns }, { operation: 'backup' });
    const agents = facts.memory?.agents ?? [];
    return {
      judgement: judge(facts),
      agents: agents.filter(({ coverage }) => coverage !== 'left-out').map(({ agent }) => agent),
      isPaused: isPaused(settings, facts.nowMs),
      runs,
      isBusy: engine.isBusy,
      nowMs: facts.nowMs,
    };
  }
}

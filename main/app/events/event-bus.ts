import type { AppEvent, EventName, EventOf } from '../../../shared/model/events.ts';

type Listener = (event: AppEvent) => void;

/**
 * Tells everybody in the process what happens. The last event of each name is kept, and told at once to whoever subscribes later; of a run
 * its start and its progress are kept until it is finished. A subscriber that throws harms nobody.
 */
export class EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #last = new Map<string, AppEvent>();
  readonly #onProblem: (error: unknown) => void;

  /** `onProblem` is told what a subscriber threw. */
  constructor(onProblem: (error: unknown) => void = () => undefined) {
    this.#onProblem = onProblem;
  }

  emit<Name extends EventName>(name: Name, event: EventOf<Name>): void {
    // Name and event belong together by the type of this method, which a union cannot say.
    const told = { name, event } as AppEvent;
    this.#keep(told);
    for (const listener of this.#listeners) this.#tell(listener, told);
  }

  /** Tells the kept events, oldest first, then all that come, until it is disposed. */
  subscribe(listener: Listener): Disposable {
    // Each subscription is its own, also of the same function.
    const own: Listener = (event) => listener(event);
    for (const event of this.#last.values()) this.#tell(own, event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** The same for the events of one name. */
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): Disposable {
    return this.subscribe((told) => {
      if (told.name === name) listener(told.event as EventOf<Name>); // the name tells the type
    });
  }

  #keep(told: AppEvent): void {
    if (told.name === 'runFinished') {
      for (const name of ['runStarted', 'runProgress']) this.#last.delete(`${name} ${told.event.runId}`);
    }
    const key = keyOf(told);
    // A newer one moves to the end: what is replayed keeps its order.
    this.#last.delete(key);
    this.#last.set(key, told);
  }

  #tell(listener: Listener, told: AppEvent): void {
    try {
      listener(told);
    } catch (error) {
      this.#onProblem(error);
    }
  }
}

/** Runs may go on beside each other: each has a start and a progress of its own. */
function keyOf({ name, event }: AppEvent): string {
  return (name === 'runStarted' || name === 'runProgress') && 'runId' in event
    ? `${name} ${event.runId}`
    : name;
}

import { AppError } from '../../../shared/lib/app-error.ts';
import { type Envelope, errorEnvelope } from '../../../shared/ipc/envelope.ts';
import type { AppEvent } from '../../../shared/model/events.ts';
import type { CallRouter } from '../calls/router.ts';
import type { EventBus } from '../events/event-bus.ts';
import { originOf, pageOrigin } from '../pages/own-page.ts';
import { isPlainPayload } from './payload.ts';

/** Who sent something, read from the frame before anything was waited for. */
export type Sender = Readonly<{ contentsId: number; isMainFrame: boolean; url: string }>;

export type TrustedHostParts = Readonly<{
  /** The engine, once it has started; pages that ask before wait for it. */
  engine: Promise<Readonly<{ calls: Pick<CallRouter, 'dispatch'>; events: Pick<EventBus, 'subscribe'> }>>;
  /** Whether these are the contents of a window of ours. */
  isOurs: (contentsId: number) => boolean;
  /** Is told who was refused, for the log. */
  onRefused: (reason: string) => void;
}>;

/** The one door of pages to the engine: only the page of our own window, in its main frame, with plain payloads of some size. */
export class TrustedHost {
  readonly #parts: TrustedHostParts;
  readonly #listening = new Map<number, Disposable>();

  constructor(parts: TrustedHostParts) {
    this.#parts = parts;
  }

  /** Answers a call with an envelope, whatever was sent by whomever; `sender` is undefined for a frame that is gone. */
  async call(sender: Sender | undefined, name: unknown, input: unknown): Promise<Envelope> {
    const problem = this.#refusal(sender) ?? payloadProblem(name, input);
    if (problem !== undefined) return this.#refuse(problem);
    const { calls } = await this.#parts.engine;
    // What a page began goes on when the window is closed.
    return await calls.dispatch(String(name), input, new AbortController().signal);
  }

  /**
   * Tells events to a page, the last of each first, until it asks again (it was loaded anew) or leaves. A stranger hears nothing, and ends
   * nothing that others hear. Returns whether the page has to be waited for to leave: it has asked for the first time.
   */
  subscribe(sender: Sender | undefined, tell: (event: AppEvent) => void): boolean {
    const problem = this.#refusal(sender);
    if (sender === undefined || problem !== undefined) {
      this.#refuse(problem ?? '');
      return false;
    }
    const isFirst = !this.#listening.has(sender.contentsId);
    this.leave(sender.contentsId);
    const subscription = new DisposableStack();
    this.#listening.set(sender.contentsId, subscription);
    void this.#listen(subscription, tell);
    return isFirst;
  }

  /** These contents are gone. */
  leave(contentsId: number): void {
    this.#listening.get(contentsId)?.[Symbol.dispose]();
    this.#listening.delete(contentsId);
  }

  async #listen(subscription: DisposableStack, tell: (event: AppEvent) => void): Promise<void> {
    try {
      const { events } = await this.#parts.engine;
      if (!subscription.disposed) subscription.use(events.subscribe(tell));
    } catch {
      // An engine that does not start has nothing to tell; whoever started it says why.
    }
  }

  #refusal(sender: Sender | undefined): string | undefined {
    if (sender === undefined) return 'a frame that is gone';
    if (!this.#parts.isOurs(sender.contentsId)) return 'a stranger';
    if (!sender.isMainFrame) return 'a frame within a page';
    return originOf(sender.url) === pageOrigin ? undefined : 'a page of another origin';
  }

  #refuse(problem: string): Envelope {
    this.#parts.onRefused(problem);
    return errorEnvelope(
      new AppError('refused', 'This is not answered here.', { details: { refused: problem } }),
    );
  }
}

function payloadProblem(name: unknown, input: unknown): string | undefined {
  if (typeof name !== 'string' || name.length > 64) return 'a call without a name';
  return isPlainPayload(input) ? undefined : 'a payload that is too large or no plain data';
}

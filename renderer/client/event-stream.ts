/** An `EventSource`, as far as it is used. */
export type StreamSource = Readonly<{
  readyState: number;
  addEventListener: (name: string, listener: (event: Readonly<{ data?: string }>) => void) => void;
  close: () => void;
}>;

/** What a stream needs of the browser. */
export type StreamParts = Readonly<{
  open: () => StreamSource;
  /** Runs something later; the returned function prevents it. */
  after: (ms: number, run: () => void) => () => void;
}>;

export type StreamListener = Readonly<{
  names: readonly string[];
  onEvent: (name: string, data: string) => void;
  /** `true`: connected; what was told before that nobody has heard. `false`: the other side does not answer. */
  onConnection: (isOpen: boolean) => void;
}>;

/** The service beats each minute: after two that were missed, nobody is there behind a line that looks whole. */
export const silentMs = 150_000;
const firstRetryMs = 2000;
const longestRetryMs = 60_000;
/** `EventSource.CLOSED`: the browser tries again after a lost line, but never after an answer that was no stream. */
const closed = 2;

/** The events of the service for as long as the page is open: across its restarts, refusals, and lines that died silently. */
export class EventStream {
  readonly #parts: StreamParts;
  readonly #listener: StreamListener;
  #source: StreamSource | undefined;
  #cancelTimer: () => void = () => undefined;
  #retryMs = firstRetryMs;

  constructor(parts: StreamParts, listener: StreamListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#connect();
  }

  close(): void {
    this.#cancelTimer();
    this.#source?.close();
    this.#source = undefined;
  }

  #connect(): void {
    this.close();
    const source = this.#parts.open();
    this.#source = source;
    // What an older one still has to say is not heard.
    const on = (name: string, run: (data: string) => void): void =>
      source.addEventListener(name, ({ data = '' }) => {
        if (this.#source === source) run(data);
      });
    const heard = (): void => this.#in(silentMs, () => this.#giveUp());
    heard();
    on('beat', heard);
    on('open', () => {
      heard();
      this.#retryMs = firstRetryMs;
      this.#listener.onConnection(true);
    });
    on('error', () => {
      this.#listener.onConnection(false);
      if (source.readyState === closed) this.#retry();
    });
    for (const name of this.#listener.names) {
      on(name, (data) => {
        heard();
        this.#listener.onEvent(name, data);
      });
    }
  }

  /** Nothing was heard for so long that there is nobody. */
  #giveUp(): void {
    this.#listener.onConnection(false);
    this.#connect();
  }

  #retry(): void {
    this.#in(this.#retryMs, () => this.#connect());
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
  }

  /** One thing is waited for at a time. */
  #in(ms: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.after(ms, run);
  }
}

/** The stream of the service that gave out this page. */
export const browserStream: StreamParts = {
  open: () => new EventSource('/events'),
  after: (ms, run) => {
    const timer = window.setTimeout(run, ms);
    return () => window.clearTimeout(timer);
  },
};

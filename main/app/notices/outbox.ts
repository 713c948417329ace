import { randomBytes } from 'node:crypto';
import type { NoticeMessage, OutboxEntry, SinkName } from '../../../shared/model/notice.ts';

/** What of a sink decides whether and when it is given something. */
export type SinkTraits = Readonly<{
  name: SinkName;
  /** It disturbs people, so that quiet hours hold for it. */
  isDisturbing: boolean;
  wants: (message: NoticeMessage) => boolean;
}>;

const maxEntries = 200;
const minuteMs = 60_000;
/** Minutes to the next attempt; after the last one it is given up. */
const retryMinutes = [1, 5, 15, 60, 180, 360, 720] as const;
const longestWaitMs = Math.max(...retryMinutes) * minuteMs;

/** The outbox with a message for every sink that wants it. What it makes untrue and was not delivered yet is taken out. */
export function posted(
  outbox: readonly OutboxEntry[],
  message: NoticeMessage,
  sinks: readonly SinkTraits[],
): readonly OutboxEntry[] {
  const isOutdated = (entry: OutboxEntry): boolean => entry.message.cause.key === message.cause.key;
  const rest = outbox.filter((entry) => !isOutdated(entry));
  const added = sinks.flatMap((sink): readonly OutboxEntry[] => {
    const undelivered = outbox.filter((entry) => isOutdated(entry) && entry.sink === sink.name);
    const neverTold = undelivered.some(({ message: { event } }) => event === 'raised');
    // Nobody need be told that something is over that nobody was told of.
    if (message.event === 'withdrawn' && neverTold) return [];
    if (!sink.wants(message)) return [];
    const event = neverTold && message.event !== 'test' ? 'raised' : message.event;
    return [
      {
        id: newId(),
        sink: sink.name,
        message: { ...message, event },
        notBeforeMs: message.atMs,
        attempts: 0,
      },
    ];
  });
  return [...rest, ...added].slice(-maxEntries);
}

type Moment = Readonly<{
  sinks: readonly SinkTraits[];
  /** End of the quiet hours that it is now. */
  quietUntilMs: number | undefined;
  nowMs: number;
}>;

/** When an entry is due: quiet hours are those of the settings and the clock now, whatever they were when it was posted. */
export function deliverAtMs(
  { sink, notBeforeMs }: OutboxEntry,
  { sinks, quietUntilMs = -Infinity, nowMs }: Moment,
): number {
  const isDisturbing = sinks.some((each) => each.isDisturbing && each.name === sink);
  // No attempt waits so long for the next: the clock was set back meanwhile.
  const atMs = notBeforeMs - nowMs > longestWaitMs ? nowMs : notBeforeMs;
  return isDisturbing ? Math.max(atMs, quietUntilMs) : atMs;
}

/** The entry after an attempt that failed; undefined when it is given up. */
export function retried(entry: OutboxEntry, nowMs: number): OutboxEntry | undefined {
  const minutes = retryMinutes[entry.attempts];
  if (minutes === undefined) return undefined;
  return { ...entry, attempts: entry.attempts + 1, notBeforeMs: nowMs + minutes * minuteMs };
}

function newId(): string {
  return randomBytes(8).toString('hex');
}

import { messageOf } from '../../../shared/lib/app-error.ts';
import type { NoticesFile, OutboxEntry, SinkName } from '../../../shared/model/notice.ts';
import type { Clock } from '../../platform/clock.ts';
import { errorFields, type Logger } from '../logs/logger.ts';
import type { NoticeStore } from './notice-store.ts';
import { retried } from './outbox.ts';
import type { NoticeSink } from './sinks/sink.ts';

/** What one delivery may take. */
export const deliveryLimitMs = 30_000;

type Delivery = Readonly<{
  store: NoticeStore;
  sinks: readonly NoticeSink[];
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  isDue: (entry: OutboxEntry) => boolean;
}>;

/** Delivers what is due, each sink by itself: one that hangs or fails holds up no other. What belongs to no sink any more is dropped. */
export async function deliverDue(delivery: Delivery): Promise<void> {
  const { store, sinks, isDue } = delivery;
  const { outbox } = await store.read();
  const names = new Set(sinks.map(({ name }) => name));
  await store.change((before) => dropWithout(before, names));
  const due = outbox.filter(isDue);
  await Promise.all(
    sinks.map(async (sink) => {
      for (const entry of due.filter((each) => each.sink === sink.name))
        await deliverOne(delivery, sink, entry);
    }),
  );
}

async function deliverOne(delivery: Delivery, sink: NoticeSink, entry: OutboxEntry): Promise<void> {
  const { store, clock, logger, signal } = delivery;
  let problem: string | undefined;
  try {
    await sink.deliver(entry.message, AbortSignal.any([signal, AbortSignal.timeout(deliveryLimitMs)]));
  } catch (error) {
    // Ended by the end of the application: it is delivered by the next.
    if (signal.aborted) return;
    problem = messageOf(error);
    logger.warn(
      { ...errorFields(error), sink: sink.name, attempt: entry.attempts + 1 },
      'notice not delivered',
    );
  }
  await store.change((before) => delivered(before, { entry, problem, nowMs: clock.now() }));
}

function delivered(
  before: NoticesFile,
  { entry, problem, nowMs }: Readonly<{ entry: OutboxEntry; problem: string | undefined; nowMs: number }>,
): NoticesFile {
  const outcome = problem === undefined ? { atMs: nowMs } : { atMs: nowMs, problem };
  const again = problem === undefined ? undefined : retried(entry, nowMs);
  const outbox = before.outbox.flatMap((other) => (other.id === entry.id ? (again ?? []) : other));
  return { ...before, outbox, outcomes: { ...before.outcomes, [entry.sink]: outcome } };
}

function dropWithout(before: NoticesFile, names: ReadonlySet<SinkName>): NoticesFile {
  const outbox = before.outbox.filter(({ sink }) => names.has(sink));
  return outbox.length === before.outbox.length ? before : { ...before, outbox };
}

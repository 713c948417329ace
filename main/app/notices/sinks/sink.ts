import type { NoticeMessage } from '../../../../shared/model/notice.ts';
import type { SinkTraits } from '../outbox.ts';

/** A way to tell somebody. `deliver` resolves when the message has arrived, and rejects with an `AppError` that says what to do. */
export type NoticeSink = SinkTraits &
  Readonly<{ deliver: (message: NoticeMessage, signal: AbortSignal) => Promise<void> }>;

/** All there is to say, but withdrawals of what had not escalated: those are not said to people. */
export function isForPeople({ event, isSaid }: NoticeMessage): boolean {
  return event !== 'withdrawn' || isSaid;
}

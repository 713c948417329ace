import type { NoticeMessage } from '../../../../shared/model/notice.ts';
import type { TrinityInstall } from '../../../trinity/install.ts';
import type { NoticeSink } from './sink.ts';

const priorities = { bad: 'high', attention: 'medium', info: 'low', good: 'low' } as const;

/** Trinity's operator queue: one open item for each cause, closed when it is solved. The queue tells people when they look. */
export function queueSink(readInstall: () => Promise<TrinityInstall>): NoticeSink {
  return {
    name: 'queue',
    isDisturbing: false,
    // Good news is no item that anybody could work off.
    wants: ({ event }) => event !== 'done',
    deliver: async (message, signal) => {
      const { writeQueueItem } = await import('../../../trinity/operator-queue.ts');
      await writeQueueItem(await readInstall(), itemOf(message), signal);
    },
  };
}

function itemOf({ event, cause, sinceMs }: NoticeMessage) {
  const mending = cause.action === null ? '' : ` What mends it in Trinity Backup: ${cause.action.label}.`;
  return {
    key: cause.key,
    since: new Date(sinceMs).toISOString(),
    isOpen: event !== 'withdrawn',
    priority: priorities[cause.severity],
    title: `Trinity Backup: ${cause.title}`,
    question: `${cause.body}${mending}`,
  };
}

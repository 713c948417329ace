import type { NoticeMessage } from '../../shared/model/notice.ts';

/** What is said of a backup that failed for want of room, for two hours. */
export function testNotice(event: NoticeMessage['event']): NoticeMessage {
  return {
    event,
    cause: {
      key: 'backup:full',
      severity: 'bad',
      title: 'No backup for 26 hours',
      body: 'There is no room left. Last good backup yesterday.',
      action: { label: 'Free space', operation: 'show', input: { page: 'storage' } },
    },
    sinceMs: Date.UTC(2026, 10, 22, 14),
    atMs: Date.UTC(2026, 10, 22, 16),
    isSaid: event === 'withdrawn',
  };
}

import { describe, expect, it } from 'vitest';
import { noticeCard } from '../../../../main/app/tray/notice-card.ts';
import type { NoticeMessage } from '../../../../shared/model/notice.ts';
import type { StatusAction } from '../../../../shared/model/status.ts';

const retry: StatusAction = { label: 'Retry', operation: 'backup', input: {} };

function card(event: NoticeMessage['event'], action: StatusAction | null) {
  const cause = { key: 'backup:away', severity: 'bad' as const, title: 'No backup', body: 'Away.', action };
  const message = { event, cause, sinceMs: 0, atMs: 1, isSaid: true };
  return noticeCard({ title: 'No backup', body: 'Away.', message });
}

describe('noticeCard', () => {
  it('mends the cause by its button, and is silent for a day by another', () => {
    expect(card('raised', retry)).toEqual({
      key: 'backup:away',
      title: 'No backup',
      body: 'Away.',
      click: { do: 'open' },
      buttons: [
        { label: 'Retry', deed: { do: 'mend', action: retry } },
        { label: 'Pause 1 day', deed: { do: 'silence', key: 'backup:away' } },
      ],
    });
  });

  it('opens the page that mends it', () => {
    const show = { label: 'Free space', operation: 'show', input: { page: 'storage' } };
    expect(card('raised', show).click).toEqual({ do: 'open', address: '#/storage' });
  });

  it('has nothing to mend or to silence where it is over', () => {
    expect(card('withdrawn', retry).buttons).toEqual([]);
    expect(card('test', retry).buttons).toEqual([]);
    expect(card('done', retry).buttons).toEqual([{ label: 'Retry', deed: { do: 'mend', action: retry } }]);
    expect(card('reminded', null).buttons.map(({ label }) => label)).toEqual(['Pause 1 day']);
  });
});

import { describe, expect, it } from 'vitest';
import { posted, retried, type SinkTraits } from '../../../../main/app/notices/outbox.ts';
import { isForPeople } from '../../../../main/app/notices/sinks/sink.ts';
import { quietUntilMs } from '../../../../main/app/notices/quiet-hours.ts';
import type { NoticeMessage, OutboxEntry } from '../../../../shared/model/notice.ts';

const webhook: SinkTraits = { name: 'webhook', isDisturbing: false, wants: () => true };
const mail: SinkTraits = { name: 'mail', isDisturbing: true, wants: isForPeople };

function message(
  event: NoticeMessage['event'],
  more: Partial<NoticeMessage> = {},
  key = 'damaged',
): NoticeMessage {
  const cause = { key, severity: 'bad' as const, title: 'Damaged', body: 'So.', action: null };
  return { event, cause, sinceMs: 0, atMs: 10, isSaid: false, ...more };
}

function post(box: readonly OutboxEntry[], given: NoticeMessage, quiet?: number): readonly OutboxEntry[] {
  return posted(box, given, { sinks: [webhook, mail], quietUntilMs: quiet });
}

const seen = (box: readonly OutboxEntry[]): readonly string[] =>
  box.map(({ sink, message: { event }, notBeforeMs }) => `${sink} ${event} ${notBeforeMs}`);

describe('posted', () => {
  it('is for each sink that wants it; quiet hours hold for those that disturb people', () => {
    expect(seen(post([], message('raised'), 500))).toEqual(['webhook raised 10', 'mail raised 500']);
    expect(seen(post([], message('withdrawn')))).toEqual(['webhook withdrawn 10']);
    expect(seen(post([], message('withdrawn', { isSaid: true })))).toEqual([
      'webhook withdrawn 10',
      'mail withdrawn 10',
    ]);
  });

  it('tells nobody of an end whose beginning nobody heard of', () => {
    const raised = post([], message('raised'), 500);
    const [, toMail] = raised;
    const left = toMail === undefined ? [] : [toMail];
    // The web hook has delivered; the mail waits for the morning.
    expect(seen(post(left, message('withdrawn', { isSaid: true }), 500))).toEqual(['webhook withdrawn 10']);
  });

  it('says the worse instead of what was not delivered yet, as news', () => {
    const box = post(post([], message('raised'), 500), message('escalated', { atMs: 20 }), 500);
    expect(seen(box)).toEqual(['webhook raised 20', 'mail raised 500']);
  });

  it('is bounded, and lets the oldest go', () => {
    const many = Array.from({ length: 300 }, (_, index) => message('raised', {}, `key ${index}`));
    const box = many.reduce<readonly OutboxEntry[]>((all, each) => post(all, each), []);
    expect(box).toHaveLength(200);
    expect(box.at(-1)?.message.cause.key).toBe('key 299');
  });
});

describe('retried', () => {
  it('waits longer each time, never less than a minute, and ends within a day', () => {
    let [entry] = post([], message('raised'));
    const waits: number[] = [];
    while (entry !== undefined) {
      const next = retried(entry, 0);
      if (next !== undefined) waits.push(next.notBeforeMs / 60_000);
      entry = next;
    }
    expect(waits).toEqual([1, 5, 15, 60, 180, 360, 720]);
  });
});

describe('quietUntilMs', () => {
  const at = (hours: number, minutes = 0, day = 22): number =>
    new Date(2026, 10, day, hours, minutes).getTime();
  const night = { from: '22:00', to: '07:00' };

  it.each([
    [night, at(21, 59), undefined],
    [night, at(22), at(7, 0, 23)],
    [night, at(3), at(7)],
    [night, at(7), undefined],
    [{ from: '12:00', to: '13:30' }, at(12, 30), at(13, 30)],
    [{ from: '12:00', to: '12:00' }, at(12), undefined],
    [undefined, at(3), undefined],
  ])('knows when %j end (case %#)', (quiet, nowMs, expected) => {
    expect(quietUntilMs(quiet, nowMs)).toBe(expected);
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deliverAtMs, posted, retried, type SinkTraits } from '../../../../main/app/notices/outbox.ts';
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

const sinks = [webhook, mail];

function post(box: readonly OutboxEntry[], given: NoticeMessage): readonly OutboxEntry[] {
  return posted(box, given, sinks);
}

const seen = (box: readonly OutboxEntry[]): readonly string[] =>
  box.map(({ sink, message: { event }, notBeforeMs }) => `${sink} ${event} ${notBeforeMs}`);

describe('posted', () => {
  it('is for each sink that wants it', () => {
    expect(seen(post([], message('raised')))).toEqual(['webhook raised 10', 'mail raised 10']);
    expect(seen(post([], message('withdrawn')))).toEqual(['webhook withdrawn 10']);
    expect(seen(post([], message('withdrawn', { isSaid: true })))).toEqual([
      'webhook withdrawn 10',
      'mail withdrawn 10',
    ]);
  });

  it('tells nobody of an end whose beginning nobody heard of', () => {
    const raised = post([], message('raised'));
    const [, toMail] = raised;
    const left = toMail === undefined ? [] : [toMail];
    // The web hook has delivered; the mail waits for the morning.
    expect(seen(post(left, message('withdrawn', { isSaid: true })))).toEqual(['webhook withdrawn 10']);
  });

  it('says the worse instead of what was not delivered yet, as news', () => {
    const box = post(post([], message('raised')), message('escalated', { atMs: 20 }));
    expect(seen(box)).toEqual(['webhook raised 20', 'mail raised 20']);
  });

  it('is bounded, and lets the oldest go', () => {
    const many = Array.from({ length: 300 }, (_, index) => message('raised', {}, `key ${index}`));
    const box = many.reduce<readonly OutboxEntry[]>((all, each) => post(all, each), []);
    expect(box).toHaveLength(200);
    expect(box.at(-1)?.message.cause.key).toBe('key 299');
  });
});

describe('deliverAtMs', () => {
  const [toWebhook, toMail] = post([], message('raised'));

  it('holds for quiet hours only those that disturb people, later attempts too', () => {
    const quiet = { sinks, quietUntilMs: 500, nowMs: 20 };
    expect(toWebhook && deliverAtMs(toWebhook, quiet)).toBe(10);
    expect(toMail && deliverAtMs(toMail, quiet)).toBe(500);
    expect(toMail && deliverAtMs({ ...toMail, notBeforeMs: 400 }, quiet)).toBe(500);
    expect(toMail && deliverAtMs(toMail, { ...quiet, quietUntilMs: undefined })).toBe(10);
  });

  it('waits no longer than for an attempt when the clock was set back', () => {
    const dayMs = 24 * 3_600_000;
    const late = toWebhook && { ...toWebhook, notBeforeMs: 365 * dayMs };
    expect(late && deliverAtMs(late, { sinks, quietUntilMs: undefined, nowMs: 20 })).toBe(20);
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

  describe('where clocks change', () => {
    beforeAll(() => void vi.stubEnv('TZ', 'Europe/Berlin'));
    afterAll(() => void vi.unstubAllEnvs());
    const utc = (text: string): number => Date.parse(text);
    const early = { from: '02:15', to: '02:45' };

    it.each([
      // In March 02:00 is 03:00 at once, in October 03:00 is 02:00 once more.
      [night, '2026-03-28T22:30Z', '2026-03-29T05:00Z'],
      [night, '2026-10-24T21:30Z', '2026-10-25T06:00Z'],
      // Hours that are left out are kept after the change; those that come twice hold the first time.
      [early, '2026-03-29T01:20Z', '2026-03-29T01:45Z'],
      [early, '2026-10-25T00:20Z', '2026-10-25T00:45Z'],
      [early, '2026-10-25T01:20Z', undefined],
      [{ from: '23:00', to: '02:30' }, '2026-03-29T00:30Z', '2026-03-29T01:30Z'],
    ])('ends %j that hold at %s at %s', (quiet, now, end) => {
      expect(quietUntilMs(quiet, utc(now))).toBe(end === undefined ? undefined : utc(end));
    });

    it('never ends later than a day after, whatever the hour', () => {
      const startMs = utc('2026-03-27T00:00Z');
      for (const quiet of [night, early, { from: '02:59', to: '02:00' }, { from: '00:00', to: '23:59' }]) {
        for (let minute = 0; minute < 5 * 1440; minute += 7) {
          const nowMs = startMs + minute * 60_000;
          const end = quietUntilMs(quiet, nowMs) ?? nowMs + 1;
          expect(end).toBeGreaterThan(nowMs);
          expect(end - nowMs).toBeLessThanOrEqual(25 * 3_600_000);
        }
      }
    });
  });
});

import { describe, expect, it } from 'vitest';
import { decideNotices, paused, type Situation } from '../../../../main/app/notices/decide.ts';
import type { NoticeBook } from '../../../../shared/model/notice.ts';
import type { StatusCause } from '../../../../shared/model/status.ts';
import { dayMs, hourMs } from '../../../fakes/status-facts.ts';

function cause(key: string, severity: StatusCause['severity'] = 'attention', title = key): StatusCause {
  return { key, severity, title, body: `${title}.`, action: null };
}

/** Days of a home: what is told of the causes that are there at each time. */
class Story {
  book: NoticeBook = {};
  nextMs: number | undefined;

  /** What is said now, as `event key`. */
  at(nowMs: number, causes: readonly StatusCause[], more: Partial<Situation> = {}): readonly string[] {
    const situation = { causes, isUnsettled: false, isBlind: false, nowMs, ...more };
    // As after a restart: all that is known is in the book.
    const book = JSON.parse(JSON.stringify(this.book)) as NoticeBook; // what was written as JSON is read as JSON
    const decision = decideNotices(book, situation);
    this.book = decision.book;
    this.nextMs = decision.nextMs;
    return decision.messages.map(
      ({ event, cause: { key }, isSaid }) => `${event} ${key}${isSaid ? ', said' : ''}`,
    );
  }
}

const full = cause('backup:full');
const fullLong = cause('backup:full', 'bad', 'No backup for 26 hours');

describe('decideNotices', () => {
  it('tells the first failure of each cause at once, and each cause once', () => {
    const story = new Story();
    expect(story.at(0, [full])).toEqual(['raised backup:full']);
    expect(story.at(hourMs, [full])).toEqual([]);
    expect(story.at(9 * dayMs, [full, cause('damaged', 'bad')])).toEqual(['raised damaged']);
  });

  it('tells the same cause again when it became worse, with its new words', () => {
    const story = new Story();
    story.at(0, [full]);
    expect(story.at(10 * hourMs, [fullLong])).toEqual(['escalated backup:full']);
    expect(story.book['backup:full']?.cause.title).toBe('No backup for 26 hours');
    expect(story.at(11 * hourMs, [fullLong])).toEqual([]);
  });

  it('withdraws what is gone, and says so only when it had escalated', () => {
    const story = new Story();
    story.at(0, [full]);
    expect(story.at(hourMs, [])).toEqual(['withdrawn backup:full']);
    expect(story.at(2 * hourMs, [])).toEqual([]);
    story.at(3 * hourMs, [full]);
    story.at(30 * hourMs, [fullLong]);
    expect(story.at(31 * hourMs, [])).toEqual(['withdrawn backup:full, said']);
  });

  it('reminds of what is bad after 1, 3 and 7 days and then each week, and of nothing else', () => {
    const story = new Story();
    story.at(0, [cause('damaged', 'bad'), full]);
    const told: number[] = [];
    while (told.length < 5) {
      const atMs = story.nextMs ?? NaN;
      expect(story.at(atMs - 1, [cause('damaged', 'bad'), full])).toEqual([]);
      expect(story.at(atMs, [cause('damaged', 'bad'), full])).toEqual(['reminded damaged']);
      told.push(atMs / dayMs);
    }
    expect(told).toEqual([1, 4, 11, 18, 25]);
  });

  it('says nothing more while it is paused, and says it again afterwards when it is still so', () => {
    const story = new Story();
    story.at(0, [full]);
    const entry = story.book['backup:full'];
    if (entry === undefined) throw new Error('It is not in the book.');
    story.book = { 'backup:full': paused(entry, dayMs) };
    expect(story.at(23 * hourMs, [fullLong])).toEqual([]);
    expect(story.nextMs).toBe(dayMs);
    expect(story.at(dayMs, [fullLong])).toEqual(['escalated backup:full']);
    expect(story.at(25 * hourMs, [fullLong])).toEqual([]);
  });

  it('waits a day with what usually goes by itself', () => {
    const story = new Story();
    expect(story.at(0, [cause('unproven'), cause('uncovered')])).toEqual([]);
    expect(story.at(hourMs, [cause('uncovered')])).toEqual([]);
    expect(story.at(dayMs, [cause('uncovered')])).toEqual(['raised uncovered']);
  });

  it('leaves all as it is during a restore', () => {
    const story = new Story();
    story.at(0, [full]);
    expect(story.at(1, [cause('damaged', 'bad')], { isUnsettled: true })).toEqual([]);
    expect(story.at(2, [full])).toEqual([]);
  });

  it('takes nothing in the vault for solved while the vault cannot be looked into', () => {
    const story = new Story();
    const inVault = [cause('damaged', 'bad'), cause('copy:nas'), cause('warnings')];
    story.at(0, [...inVault, cause('locked', 'bad')]);
    expect(story.at(1, [cause('backup:away', 'bad')], { isBlind: true })).toEqual([
      'raised backup:away',
      'withdrawn locked, said',
    ]);
    expect(story.at(2, inVault)).toEqual(['withdrawn backup:away, said']);
  });

  it('is not silenced by a clock that was set back', () => {
    const story = new Story();
    story.at(1000 * dayMs, [cause('damaged', 'bad')]);
    expect(story.at(10 * dayMs, [cause('damaged', 'bad')])).toEqual([]);
    expect(story.nextMs).toBe(11 * dayMs);
    expect(story.at(11 * dayMs, [cause('damaged', 'bad')])).toEqual(['reminded damaged']);
  });
});

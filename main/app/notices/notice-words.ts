import { ageText } from '../../../shared/lib/time-text.ts';
import type { NoticeMessage } from '../../../shared/model/notice.ts';

/** Title and text of a message as people read them, in a mail or beside a tray. */
export function noticeWords({
  event,
  cause,
  sinceMs,
  atMs,
}: NoticeMessage): Readonly<{ title: string; body: string }> {
  if (event === 'withdrawn') {
    return { title: `Solved: ${cause.title}`, body: `It was so for ${ageText(atMs - sinceMs)}.` };
  }
  return { title: cause.title, body: cause.body };
}

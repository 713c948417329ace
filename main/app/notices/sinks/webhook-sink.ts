import type { NoticeMessage } from '../../../../shared/model/notice.ts';
import { noticeWords } from '../notice-words.ts';
import type { NoticeSink } from './sink.ts';
import { webRequest } from './web-request.ts';

/** What a web hook gets; fields are only ever added. `text` is all of it in one line, as chat services want it. */
export type WebhookBody = Readonly<{
  event: NoticeMessage['event'];
  /** The same for all that is said of one cause. */
  key: string;
  severity: string;
  title: string;
  body: string;
  text: string;
  /** ISO 8601 in UTC. */
  at: string;
  since: string;
  host: string;
}>;

/** Machines are told everything at once. */
export function webhookSink(url: string, host: string): NoticeSink {
  return {
    name: 'webhook',
    isDisturbing: false,
    wants: () => true,
    deliver: async (message, signal) => {
      const body = JSON.stringify(webhookBody(message, host));
      await webRequest({ method: 'POST', url, body, what: 'web hook' }, signal);
    },
  };
}

function webhookBody(message: NoticeMessage, host: string): WebhookBody {
  const { title, body } = noticeWords(message);
  return {
    event: message.event,
    key: message.cause.key,
    severity: message.cause.severity,
    title,
    body,
    text: `Trinity Backup on ${host}: ${title}. ${body}`,
    at: new Date(message.atMs).toISOString(),
    since: new Date(message.sinceMs).toISOString(),
    host,
  };
}

import type { NoticeMessage } from '../../../../shared/model/notice.ts';
import { noticeWords } from '../notice-words.ts';
import { isForPeople, type NoticeSink } from './sink.ts';

/** What a desktop shows of a notice; buttons run `action` or pause the notice by its key. */
export type TrayNotice = Readonly<{ title: string; body: string; message: NoticeMessage }>;

/** The desktop's own notices. */
export type TrayPort = Readonly<{
  show: (notice: TrayNotice) => void;
  /** Takes back what is shown of a cause. */
  withdraw: (key: string) => void;
}>;

export function traySink(port: TrayPort): NoticeSink {
  return {
    name: 'tray',
    isDisturbing: true,
    wants: () => true,
    deliver: async (message) => {
      if (message.event === 'withdrawn') port.withdraw(message.cause.key);
      if (isForPeople(message)) port.show({ ...noticeWords(message), message });
      await Promise.resolve();
    },
  };
}

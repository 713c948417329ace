import type { TrayNotice } from '../notices/sinks/tray-sink.ts';
import { addressOfAction } from './page-address.ts';
import type { TrayDeed } from './tray-model.ts';

/** A notice as a desktop shows it. `key` names its cause: there is one for each. */
export type NoticeCard = Readonly<{
  key: string;
  title: string;
  body: string;
  /** What a click on the notice itself does. */
  click: TrayDeed;
  /** At most two: more, no desktop shows. */
  buttons: readonly Readonly<{ label: string; deed: TrayDeed }>[];
}>;

/** Its button mends the cause, another says no more of it for a day. */
export function noticeCard({ title, body, message }: TrayNotice): NoticeCard {
  const { event, cause } = message;
  const { action, key } = cause;
  const isOver = event === 'withdrawn' || event === 'test';
  const mending =
    action === null || isOver ? [] : [{ label: action.label, deed: { do: 'mend', action } as const }];
  const isTrouble = !isOver && event !== 'done';
  const silence = { label: 'Pause 1 day', deed: { do: 'silence', key } as const };
  const address = action === null ? undefined : addressOfAction(action);
  return {
    key,
    title,
    body,
    click: address === undefined ? { do: 'open' } : { do: 'open', address },
    buttons: isTrouble ? [...mending, silence] : mending,
  };
}

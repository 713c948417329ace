import { Notification } from 'electron';
import type { NoticeCard } from '../../app/tray/notice-card.ts';
import type { TrayDeed } from '../../app/tray/tray-model.ts';

/** Notices as this desktop shows them: one for each cause. */
export class Notices {
  readonly #onDeed: (deed: TrayDeed) => void;
  readonly #onFailed: (problem: string) => void;
  /** Kept, since one that nobody holds is collected, and its buttons with it. */
  readonly #shown = new Map<string, Notification>();

  /** `onFailed` is told why a notice is not shown: macOS shows none of an application that is not signed. */
  constructor(onDeed: (deed: TrayDeed) => void, onFailed: (problem: string) => void) {
    this.#onDeed = onDeed;
    this.#onFailed = onFailed;
  }

  show({ key, title, body, click, buttons }: NoticeCard): void {
    this.withdraw(key);
    const actions = buttons.map(({ label }) => ({ type: 'button' as const, text: label }));
    const notice = new Notification({ title, body, actions });
    notice.on('click', () => this.#onDeed(click));
    notice.on('action', ({ actionIndex }) => {
      const button = buttons[actionIndex];
      if (button !== undefined) this.#onDeed(button.deed);
    });
    notice.on('failed', (_event, problem) => this.#onFailed(problem));
    this.#shown.set(key, notice);
    notice.show();
  }

  /** Takes back what is shown of a cause. */
  withdraw(key: string): void {
    this.#shown.get(key)?.close();
    this.#shown.delete(key);
  }
}

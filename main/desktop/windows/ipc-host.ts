import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { callChannel, eventChannel, subscribeChannel } from '../../../shared/ipc/preload-bridge.ts';
import type { Sender, TrustedHost } from '../../app/ipc/trusted-host.ts';

/** Joins the pages to the trusted host, which decides who is answered. */
export function joinPages(host: TrustedHost): void {
  ipcMain.handle(callChannel, async (event, name: unknown, input: unknown) =>
    host.call(senderOf(event), name, input),
  );
  ipcMain.on(subscribeChannel, (event) => {
    const { sender } = event;
    const { id } = sender;
    const isFirst = host.subscribe(senderOf(event), ({ name, event: told }) => {
      if (!sender.isDestroyed()) sender.send(eventChannel, name, told);
    });
    if (isFirst) sender.once('destroyed', () => host.leave(id));
  });
}

/** A frame that is gone by now is nobody. */
function senderOf({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): Sender | undefined {
  if (senderFrame === null) return undefined;
  return {
    contentsId: sender.id,
    isMainFrame: senderFrame === sender.mainFrame,
    url: senderFrame.url,
  };
}

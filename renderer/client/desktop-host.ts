import type { Client } from '../../shared/ipc/client.ts';
import type { PageHost } from '../../shared/ipc/host.ts';

/** What the desktop application can do for its pages, by calls as everything else. */
export function desktopHost({ call }: Client): PageHost {
  return {
    kind: 'desktop',
    chooseFolder: async (title) => (await call('desktop.chooseFolder', { title })).folder ?? undefined,
    chooseNewFile: async (title, name) =>
      (await call('desktop.chooseFile', { title, name })).file ?? undefined,
    openFolder: async (folder) => {
      await call('desktop.openFolder', { folder });
    },
    startAtLogin: {
      read: async () => (await call('desktop.get', {})).startsAtLogin,
      set: async (isOn) => {
        await call('desktop.startAtLogin', { isOn });
      },
    },
    // Where that cannot be told, nobody is warned.
    hasTray: async () => (await call('desktop.get', {})).hasTray ?? true,
  };
}

import { contextBridge, ipcRenderer } from 'electron';
import {
  callChannel,
  eventChannel,
  type PreloadBridge,
  subscribeChannel,
} from '../../shared/ipc/preload-bridge.ts';

// Runs beside the pages of the desktop, in a world of its own. Pages get two functions, and never an event or anything of Electron's.
const bridge: PreloadBridge = {
  call: async (name, input) => await ipcRenderer.invoke(callChannel, name, input),
  on: (listener) => {
    const tell = (_event: unknown, name: string, event: unknown): void => listener(name, event);
    ipcRenderer.on(eventChannel, tell);
    ipcRenderer.send(subscribeChannel);
    return () => void ipcRenderer.off(eventChannel, tell);
  },
};

contextBridge.exposeInMainWorld('trinity', bridge);

/** Pages of `app://NAME` live at `https://NAME.app` in a browser that knows no such scheme. */
export function toBrowser(url: string): string {
  return url.replace(/^app:\/\/([\w.-]+)(?=\/)/u, 'https://$1.app');
}

export function toApplication(url: string): string {
  return url.replace(/^https:\/\/([\w.-]+)\.app(?=\/)/u, 'app://$1');
}

/** Runs in every frame before its page: what Electron gives a sandboxed preload, and in the main frame the preload itself. */
export function preloadScript(preload: string): string {
  return `(() => {
    const listeners = new Map();
    const of = (channel) => listeners.get(channel) ?? new Set();
    Object.defineProperty(window, '__standIn', {
      value: { tell: (channel, args) => of(channel).forEach((listener) => listener({}, ...args)) },
    });
    const ipcRenderer = {
      invoke: async (channel, ...args) => {
        const { value, problem } = await window.__electronInvoke(channel, structuredClone(args));
        if (problem !== undefined) throw new Error("Error invoking remote method '" + channel + "': " + problem);
        return value;
      },
      send: (channel, ...args) => void window.__electronSend(channel, structuredClone(args)),
      on: (channel, listener) => void listeners.set(channel, of(channel).add(listener)),
      off: (channel, listener) => void of(channel).delete(listener),
    };
    const contextBridge = {
      exposeInMainWorld: (name, api) =>
        Object.defineProperty(window, name, { value: Object.freeze({ ...api }), enumerable: true }),
    };
    const require = (name) => {
      if (name !== 'electron') throw new Error('A sandboxed preload cannot load ' + name);
      return { contextBridge, ipcRenderer };
    };
    // Copying takes a permission, which the window of the application gives or not.
    const { clipboard } = navigator;
    if (clipboard !== undefined) {
      clipboard.writeText = async () => {
        if (await window.__electronMay('clipboard-sanitized-write')) return;
        throw new DOMException('Write permission denied.', 'NotAllowedError');
      };
    }
    if (window === window.top) {
      ${preload}
    }
  })();`;
}

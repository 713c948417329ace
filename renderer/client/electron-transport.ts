import type { Transport } from '../../shared/ipc/client.ts';
import type { PreloadBridge } from '../../shared/ipc/preload-bridge.ts';

declare global {
  interface Window {
    /** In the desktop application alone. */
    readonly trinity?: PreloadBridge;
  }
}

/** Calls and events through the preload of the desktop application. */
export function electronTransport(bridge: PreloadBridge): Transport {
  return {
    call: async (name, input) => await bridge.call(name, input),
    // Nothing comes between a window and the process that it belongs to.
    subscribe: (listener) => bridge.on(listener),
  };
}

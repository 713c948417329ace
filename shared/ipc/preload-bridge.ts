// No import here: the preload bundles this file and must stay small.

/** Calls go one way as (name, input) and are answered with an envelope. */
export const callChannel = 'trinity:call';
/** A page that begins to listen says so, and is told the last of everything first. */
export const subscribeChannel = 'trinity:subscribe';
/** Events come as (name, event). */
export const eventChannel = 'trinity:event';

/** What the preload gives the pages of the desktop as `window.trinity`, and all that it gives. */
export type PreloadBridge = Readonly<{
  call: (name: string, input: unknown) => Promise<unknown>;
  /** Tells what happens, the last of each first, until the returned function is called. */
  on: (listener: (name: string, event: unknown) => void) => () => void;
}>;

/** As Electron gives it to a utility process. */
type ParentPort = Readonly<{
  postMessage: (message: unknown) => void;
  once: (name: 'message', listener: (event: Readonly<{ data: unknown }>) => void) => void;
}>;

/** The other end of a MessageChild, in the child: a channel of Node's, or the port of Electron's utility process. */
export function parentPort(): Readonly<{
  send: (message: unknown) => void;
  onceMessage: (listener: (message: unknown) => void) => void;
}> {
  const { parentPort: port } = process as NodeJS.Process & Readonly<{ parentPort?: ParentPort }>; // absent in plain Node
  if (port !== undefined) {
    return {
      send: (message) => port.postMessage(message),
      onceMessage: (listener) => port.once('message', ({ data }) => listener(data)),
    };
  }
  // The parent died, or has what it wanted. A utility process ends with its parent anyway.
  process.once('disconnect', () => process.exit());
  return {
    send: (message) => void process.send?.(message),
    onceMessage: (listener) => void process.once('message', listener),
  };
}

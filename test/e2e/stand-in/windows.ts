import { EventEmitter } from 'node:events';
import { app, assertNotReady, assertReady } from './system.ts';
import { listen, nextId, say } from './channel.ts';
import type { FrameFacts } from './messages.ts';

type Handler = (event: unknown, ...args: readonly unknown[]) => Promise<unknown>;

const handlers = new Map<string, Handler>();

class IpcMain extends EventEmitter {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`A second handler for ${channel}`);
    handlers.set(channel, handler);
  }
}

export const ipcMain = new IpcMain();

const windows = new Map<number, BrowserWindow>();

/** A frame of a page; that of the main frame is the same object each time, as Electron's. */
class Contents extends EventEmitter {
  readonly id: number;
  readonly mainFrame: { url: string } = { url: '' };
  /** Where its page is, as the browser told. */
  url = '';
  /** Electron opens a window for whoever asks unless somebody refuses. */
  openHandler: (details: Readonly<{ url: string }>) => unknown = () => ({ action: 'allow' });
  #isDestroyed = false;

  constructor(id: number) {
    super();
    this.id = id;
  }

  send(channel: string, ...args: readonly unknown[]): void {
    say({ say: 'send', windowId: this.id, channel, args });
  }

  setWindowOpenHandler(handler: (details: Readonly<{ url: string }>) => unknown): void {
    this.openHandler = handler;
  }

  getURL(): string {
    return this.url;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.emit('destroyed');
  }
}

type WindowOptions = Readonly<{
  webPreferences?: Readonly<Record<string, unknown> & { preload?: string }>;
}> &
  Readonly<Record<string, unknown>>;

export class BrowserWindow extends EventEmitter {
  readonly webContents: Contents;
  readonly #id = nextId();
  #loading = Promise.withResolvers<void>();

  constructor({ webPreferences = {}, ...bounds }: WindowOptions) {
    super();
    assertReady('BrowserWindow');
    this.webContents = new Contents(this.#id);
    windows.set(this.#id, this);
    const { preload = '', ...preferences } = webPreferences;
    // What a message cannot hold is no bounds.
    const plain: Record<string, unknown> = JSON.parse(JSON.stringify(bounds));
    say({ say: 'window', windowId: this.#id, preload, preferences, bounds: plain });
    app.emit('web-contents-created', {}, this.webContents);
    let areRefused = false;
    this.webContents.emit('will-attach-webview', { preventDefault: () => (areRefused = true) }, {}, {});
    say({ say: 'fact', name: 'areWebviewsRefused', value: areRefused });
  }

  async loadURL(url: string): Promise<void> {
    this.#assertThere();
    this.#fail('ERR_ABORTED');
    this.#loading = Promise.withResolvers<void>();
    say({ say: 'load', windowId: this.#id, url });
    await this.#loading.promise;
  }

  loaded(): void {
    this.#loading.resolve();
    this.emit('ready-to-show');
  }

  closed(): void {
    if (this.isDestroyed()) return;
    this.emit('close', { preventDefault: () => undefined });
    this.#end();
  }

  /** Without asking: nobody hears of it before. */
  destroy(): void {
    if (this.isDestroyed()) return;
    say({ say: 'close', windowId: this.#id });
    this.#end();
  }

  #end(): void {
    windows.delete(this.#id);
    this.#fail('ERR_FAILED');
    this.webContents.destroy();
    this.emit('closed');
    if (windows.size === 0) app.emit('window-all-closed');
  }

  /** What is still loading then never will; whoever does not wait for it is not told. */
  #fail(code: string): void {
    this.#loading.promise.catch(() => undefined);
    this.#loading.reject(Object.assign(new Error(`${code} loading`), { code }));
  }

  isDestroyed = (): boolean => !windows.has(this.#id);

  #assertThere(): void {
    if (this.isDestroyed()) throw new TypeError('Object has been destroyed');
  }

  close(): void {
    say({ say: 'close', windowId: this.#id });
    this.closed();
  }

  show(): void {
    this.#assertThere();
    say({ say: 'show', windowId: this.#id });
  }

  focus(): void {
    this.#assertThere();
    say({ say: 'show', windowId: this.#id });
  }

  isMinimized = (): boolean => false;
  restore = (): void => undefined;
  maximize = (): void => undefined;
  isMaximized = (): boolean => false;
  getNormalBounds = () => {
    this.#assertThere();
    return { x: 10, y: 20, width: 1080, height: 740 };
  };
}

/** Windows without a page are used on Windows alone, which this is not. */
export function BaseWindow(): never {
  throw new Error('There is no such window on the stand-in');
}

/** A frame as the browser told of it, on the contents that it is in; strangers have contents of their own. */
function eventOf(frame: FrameFacts | null): Readonly<{ sender: Contents; senderFrame: unknown }> {
  const window = frame === null ? [...windows.values()][0] : windows.get(frame.windowId);
  const sender = window?.webContents ?? new Contents(-1);
  if (frame === null) return { sender, senderFrame: null };
  if (!frame.isMainFrame) return { sender, senderFrame: { url: frame.url } };
  sender.mainFrame.url = frame.url;
  return { sender, senderFrame: sender.mainFrame };
}

async function invoked(
  callId: number,
  frame: FrameFacts | null,
  { channel, args }: Readonly<{ channel: string; args: readonly unknown[] }>,
): Promise<void> {
  try {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    say({ say: 'invoked', callId, value: await handler(eventOf(frame), ...args) });
  } catch (error) {
    say({ say: 'invoked', callId, problem: String(error) });
  }
}

listen((message) => {
  if (message.tell === 'loaded') windows.get(message.windowId)?.loaded();
  else if (message.tell === 'closed') windows.get(message.windowId)?.closed();
  else if (message.tell === 'invoke') void invoked(message.callId, message.frame, message);
  else if (message.tell === 'sent') ipcMain.emit(message.channel, eventOf(message.frame), ...message.args);
});

/** Whether the application lets a window go somewhere, or open another. */
listen((message) => {
  if (message.tell !== 'navigate') return;
  const { askId, windowId, name, url } = message;
  const contents = windows.get(windowId)?.webContents;
  if (contents === undefined) return;
  if (name === 'open') {
    say({ say: 'policy', askId, value: contents.openHandler({ url }) });
    return;
  }
  let isPrevented = false;
  contents.emit(name, { url, preventDefault: () => (isPrevented = true) });
  say({ say: 'decided', askId, isPrevented });
});

type Served = (request: Request) => Promise<Response>;

const schemes = new Map<string, Served>();

export const protocol = {
  registerSchemesAsPrivileged: (known: unknown): void => {
    assertNotReady('registerSchemesAsPrivileged');
    say({ say: 'fact', name: 'schemes', value: known });
  },
  handle: (scheme: string, handler: Served): void => {
    assertReady('protocol');
    schemes.set(scheme, handler);
  },
};

listen((message) => {
  if (message.tell === 'request') void serve(message);
});

async function serve({
  requestId,
  url,
  method,
}: Readonly<{ requestId: number; url: string; method: string }>): Promise<void> {
  // `Request` would take no address of a scheme of ours.
  const request = { url, method } as unknown as Request;
  const response = await schemes.get(new URL(url).protocol.replace(':', ''))?.(request);
  say({
    say: 'served',
    requestId,
    status: response?.status ?? 404,
    headers: Object.fromEntries(response?.headers ?? []),
    body: new Uint8Array((await response?.arrayBuffer()) ?? new ArrayBuffer()),
  });
}

type Details = Readonly<{ requestingUrl: string; isMainFrame: boolean }>;
type RequestHandler = (
  contents: unknown,
  permission: string,
  answer: (isGranted: boolean) => void,
  details: Details,
) => void;
type CheckHandler = (contents: unknown, permission: string, origin: string, details: Details) => boolean;

let onRequest: RequestHandler | undefined;
let onCheck: CheckHandler | undefined;

const handlersOfSession = {
  setPermissionRequestHandler: (handler: RequestHandler): void => void (onRequest = handler),
  setPermissionCheckHandler: (handler: CheckHandler): void => void (onCheck = handler),
  setDevicePermissionHandler: (): void => undefined,
};

export const session = {
  get defaultSession() {
    assertReady('session');
    return handlersOfSession;
  },
};

listen((message) => {
  if (message.tell === 'at') {
    const contents = windows.get(message.windowId)?.webContents;
    if (contents !== undefined) contents.url = message.url;
  }
  if (message.tell !== 'permission') return;
  const { askId, permission, url, isMainFrame } = message;
  const details = { requestingUrl: url, isMainFrame };
  // Whoever asks nobody is granted everything.
  const isFound = onCheck?.(null, permission, '', details) ?? true;
  if (onRequest === undefined) say({ say: 'policy', askId, value: true });
  const answer = (isGranted: boolean): void => say({ say: 'policy', askId, value: isGranted || isFound });
  onRequest?.(null, permission, answer, details);
});

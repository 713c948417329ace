import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { wallContents, wallSession, type WalledSession } from '../../../../main/app/pages/page-walls.ts';

type Asked = Readonly<{ url: string; preventDefault: () => void }>;

/** Contents that nobody has walled in yet go and open anything, as Electron's do. */
function walledContents() {
  const events = new EventEmitter();
  let open = (_details: Readonly<{ url: string }>): Readonly<{ action: string }> => ({ action: 'allow' });
  wallContents({
    on: (name: string, listener: (event: Asked) => void) => events.on(name, listener),
    setWindowOpenHandler: (handler) => void (open = handler),
  });
  return {
    isPrevented: (name: string, url: string): boolean => {
      const preventDefault = vi.fn<() => void>();
      const asked: Asked = { url, preventDefault };
      events.emit(name, asked);
      return preventDefault.mock.calls.length > 0;
    },
    opened: (url: string) => open({ url }),
  };
}

const ownPages = [
  'app://trinity/',
  'app://trinity/index.html',
  'app://trinity/#/restore',
  'app://trinity/?a=b#/x',
];

const strangers = [
  'app://trinity/other.html',
  'app://trinity/assets/index.js',
  'app://trinity.example/',
  'app://other/',
  'app://me@trinity/',
  'app://trinity:81/',
  'app:trinity',
  'file:///etc/passwd',
  'file://trinity/',
  'data:text/html,<script>evil()</script>',
  'javascript:evil()',
  'blob:app://trinity/6e1d8c5e-1b0c-4ad2-8e1c-0d9e6c7f2a11',
  'view-source:app://trinity/',
  'http://127.0.0.1:7420/',
  'http://trinity/',
  'https://evil.example/',
  'https://github.com/abilityai/trinity',
  'about:blank',
  'about:srcdoc',
  'mailto:somebody@example.com',
  'chrome://settings/',
  'devtools://devtools/bundled/inspector.html',
  '',
  'no address',
];

describe('wallContents', () => {
  // Each alone: one of them would hide that another is missing.
  describe.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])('on %s', (name) => {
    it.each(strangers)('keeps the page from going to %j', (url) => {
      expect(walledContents().isPrevented(name, url)).toBe(true);
    });

    it.each(ownPages)('lets it go to %s', (url) => {
      expect(walledContents().isPrevented(name, url)).toBe(false);
    });
  });

  it.each([...ownPages, ...strangers])('opens no window for %j', (url) => {
    expect(walledContents().opened(url)).toEqual({ action: 'deny' });
  });

  it('attaches no web view, whatever it is to show', () => {
    for (const url of ['app://trinity/', 'https://evil.example/'])
      expect(walledContents().isPrevented('will-attach-webview', url)).toBe(true);
  });
});

type OnRequest = Parameters<WalledSession['setPermissionRequestHandler']>[0];
type OnCheck = Parameters<WalledSession['setPermissionCheckHandler']>[0];
type OnDevice = Parameters<WalledSession['setDevicePermissionHandler']>[0];

/** A session that nobody has walled in yet grants everything. */
function walledSession() {
  let onRequest: OnRequest = (_contents, _permission, answer) => answer(true);
  let onCheck: OnCheck = () => true;
  let onDevice: OnDevice = () => true;
  wallSession({
    setPermissionRequestHandler: (handler) => void (onRequest = handler),
    setPermissionCheckHandler: (handler) => void (onCheck = handler),
    setDevicePermissionHandler: (handler) => void (onDevice = handler),
  });
  return {
    requested: (permission: string, requestingUrl: string, isMainFrame: boolean): readonly boolean[] => {
      const answers: boolean[] = [];
      onRequest(null, permission, (isGranted) => answers.push(isGranted), { requestingUrl, isMainFrame });
      return answers;
    },
    checked: (permission: string, requestingUrl: string | undefined, isMainFrame: boolean): boolean => {
      const details = { ...(requestingUrl === undefined ? {} : { requestingUrl }), isMainFrame };
      return onCheck(null, permission, 'app://trinity', details);
    },
    device: () => onDevice(),
  };
}

const copying = 'clipboard-sanitized-write';

describe('wallSession', () => {
  it('lets our own page copy text, which it asks for and looks for', () => {
    const { requested, checked } = walledSession();
    expect(requested(copying, 'app://trinity/#/history', true)).toEqual([true]);
    expect(checked(copying, 'app://trinity/#/history', true)).toBe(true);
  });

  it.each([
    ['media', 'app://trinity/', true],
    ['geolocation', 'app://trinity/', true],
    ['notifications', 'app://trinity/', true],
    ['clipboard-read', 'app://trinity/', true],
    ['openExternal', 'app://trinity/', true],
    ['fileSystem', 'app://trinity/', true],
    [copying, 'app://trinity/', false],
    [copying, 'app://other/', true],
    [copying, 'https://evil.example/', true],
    [copying, 'about:blank', true],
  ] as const)(
    'refuses %s to %s (main frame: %s), asked for and looked for',
    (permission, url, isMainFrame) => {
      const { requested, checked } = walledSession();
      expect(requested(permission, url, isMainFrame)).toEqual([false]);
      expect(checked(permission, url, isMainFrame)).toBe(false);
    },
  );

  it('grants nothing to whoever does not say who asks, and no device to anybody', () => {
    const { checked, device } = walledSession();
    expect(checked(copying, undefined, true)).toBe(false);
    expect(device()).toBe(false);
  });
});

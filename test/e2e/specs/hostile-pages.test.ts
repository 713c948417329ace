import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { callChannel } from '../../../shared/ipc/preload-bridge.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: true });

/** Runs in the page, whose own world is unknown to the types of tests. */
async function inPage(page: Page, script: string): Promise<unknown> {
  return await page.evaluate(`(async () => { ${script} })()`);
}

const call = (name: string, input: string): string =>
  `try { return await trinity.call(${JSON.stringify(name)}, ${input}); } catch (error) { return String(error); }`;

describe('a hostile page', () => {
  it('is kept in its box: sandboxed, isolated, without Node', async () => {
    const app = lab.start();
    await app.window();
    expect(app.fact('isSandboxed')).toBe(true);
    expect(app.fact('preferences')).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
    });
    expect(app.fact('areWebviewsRefused')).toBe(true);
    expect(app.fact('schemes')).toEqual([
      {
        scheme: 'app',
        privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
      },
    ]);
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal']) {
      expect([permission, await app.asksFor(permission)]).toEqual([permission, false]);
    }
  });

  it('has two functions and nothing else of ours', async () => {
    const app = lab.start();
    const page = await app.window();
    expect(await inPage(page, 'return Object.keys(trinity);')).toEqual(['call', 'on']);
    expect(await inPage(page, 'return [typeof require, typeof process, typeof module];')).toEqual([
      'undefined',
      'undefined',
      'undefined',
    ]);
    const heard = await inPage(
      page,
      `const heard = new Promise((resolve) => { trinity.on((...given) => resolve([given.length, given[0]])); });
       await trinity.call('settings.set', { path: ['onShutdown'], value: false });
       return await heard;`,
    );
    expect(heard).toEqual([2, expect.any(String)]);
  });

  it('gets no answer but to calls of the contract, with plain data of some size', async () => {
    const app = lab.start();
    const page = await app.window();
    const refused = (kind: string) => ({ ok: false, error: expect.objectContaining({ kind }) });
    expect(await inPage(page, call('status.get', '{}'))).toMatchObject({ ok: true });
    expect(await inPage(page, call('status.get', '{ more: 1 }'))).toEqual(refused('usage'));
    for (const name of ['no.call', '__proto__', 'toString', 'constructor']) {
      expect(await inPage(page, call(name, '{}'))).toEqual(refused('usage'));
    }
    expect(await inPage(page, call('x'.repeat(100), '{}'))).toEqual(refused('refused'));
    expect(await inPage(page, call('status.get', '{ text: "x".repeat(2_000_000) }'))).toEqual(
      refused('refused'),
    );
    expect(await inPage(page, call('status.get', 'Array(200_000).fill("xxxxxxxx")'))).toEqual(
      refused('refused'),
    );
    expect(await inPage(page, call('status.get', 'new Date()'))).toEqual(refused('refused'));
    expect(await inPage(page, call('status.get', '() => 1'))).toMatch(/could not be cloned/u);
    expect(await inPage(page, call('backups.show', '{ backupId: "../../etc/passwd" }'))).toEqual(
      refused('usage'),
    );
  });

  it.each(['subframe', 'stranger', 'null', 'other origin'] as const)(
    'is not heard as a %s that speaks past the preload',
    async (from) => {
      const app = lab.start();
      await app.window();
      const asked = { channel: callChannel, args: ['status.get', {}] };
      expect(await app.forge({ ...asked, from: 'page' })).toMatchObject({ value: { ok: true } });
      expect(await app.forge({ ...asked, from })).toMatchObject({
        value: { ok: false, error: { kind: 'refused' } },
      });
    },
  );

  it('finds no other channel', async () => {
    const app = lab.start();
    await app.window();
    const answer = await app.forge({ from: 'page', channel: 'trinity:other', args: [] });
    expect(answer).toMatchObject({ problem: expect.stringContaining('No handler registered') });
  });

  it.each([
    'https://evil.example/',
    'http://127.0.0.1:7420/',
    'app://other/',
    'app://trinity/other.html',
    // Every browser refuses these itself; that the application does is shown by unit/app/pages/page-walls.test.ts.
    'file:///etc/passwd',
    'data:text/html,evil',
  ])('cannot go to %s', async (url) => {
    const app = lab.start();
    const page = await app.window();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const before = page.url();
    await inPage(page, `location.href = ${JSON.stringify(app.addressOf(url))};`);
    await delay(300);
    expect(page.url()).toBe(before);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it.each([
    ['by a script', 'window.open("about:blank");'],
    ['elsewhere', 'window.open("https://evil.example/");'],
    ['of its own', 'window.open(location.href);'],
    [
      'by a link',
      `const link = document.createElement('a');
       link.href = 'https://evil.example/';
       link.target = '_blank';
       document.body.append(link);
       link.click();`,
    ],
  ])('cannot open a window %s', async (_, script) => {
    const app = lab.start();
    const page = await app.window();
    // The browser under the stand-in opens one, which goes unless the application lets it be; Electron opens none.
    const opening = page.waitForEvent('popup', { timeout: 2000 }).catch(() => undefined);
    await inPage(page, script);
    const opened = await opening;
    await expect.poll(() => opened?.isClosed() ?? true, { timeout: 10_000 }).toBe(true);
    expect(page.context().pages()).toHaveLength(1);
  });

  it('cannot hold a frame', async () => {
    const app = lab.start();
    const page = await app.window();
    const own = app.addressOf('app://trinity/');
    await inPage(
      page,
      `const frame = document.createElement('iframe');
       frame.src = ${JSON.stringify(own)};
       document.body.append(frame);`,
    );
    await delay(300);
    const frames = page.frames().filter((frame) => frame.url().startsWith(own));
    expect(frames).toEqual([page.mainFrame()]);
  });

  it('loads and runs nothing that did not come with the application', async () => {
    const app = lab.start();
    const page = await app.window();
    const answer = await page.reload();
    expect(answer?.headers()['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';/u,
    );
    const found = await inPage(
      page,
      `const script = document.createElement('script');
       script.textContent = 'window.wasRun = true';
       document.body.append(script);
       // Later, since what a test runs itself is exempt.
       const evaluated = await new Promise((resolve) => setTimeout(() => {
         try { resolve((0, eval)('1')); } catch (error) { resolve(error.name); }
       }));
       const fetched = await fetch('https://evil.example/').catch((error) => error.name);
       const missing = await fetch('/../../package.json');
       return [window.wasRun === true, evaluated, fetched, missing.status];`,
    );
    expect(found).toEqual([false, 'EvalError', 'TypeError', 404]);
  });
});

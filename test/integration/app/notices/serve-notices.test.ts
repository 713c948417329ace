import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CommandLab, sharedLab } from '../../../helpers/command-lab.ts';
import { webListener } from '../../../helpers/web-listener.ts';

const shared = sharedLab();

async function serving(lab: CommandLab) {
  const serve = lab.start(['serve', '--port', '0']);
  onTestFinished(() => serve.kill('SIGKILL'));
  while (!existsSync(path.join(lab.home, 'engine.sock'))) await delay(10);
  return serve;
}

describe('notices of a home that is served', () => {
  it('go to a web hook and a heartbeat that were set while it runs: a failed backup, then the first good one', async () => {
    const lab = await shared().copy();
    const [hook, beat] = [await webListener(), await webListener()];
    const serve = await serving(lab);
    await lab.json(['settings', 'set', 'notifications.webhook.url', `${hook.url}/s3cret-hook`]);
    await lab.json(['settings', 'set', 'notifications.heartbeat.url', `${beat.url}/s3cret-beat`]);
    await lab.json(['notices', 'test', 'webhook']);
    renameSync(lab.install, `${lab.install}-away`);
    expect((await lab.run(['backup'])).code).toBe(1);
    await hook.waitFor(2);
    renameSync(`${lab.install}-away`, lab.install);
    await lab.json(['backup']);
    await hook.waitFor(4);
    await beat.waitFor(4);
    expect(beat.heard.map((heard) => heard.path.replace('/s3cret-beat', ''))).toEqual([
      '/start',
      '/fail',
      '/start',
      '',
    ]);
    const told = hook.heard.map(({ body }) => JSON.parse(body) as { event: string; key: string });
    expect(told.slice(0, 2)).toMatchObject([
      { event: 'test', key: 'test' },
      { event: 'raised', key: 'backup:other' },
    ]);
    expect(
      told
        .slice(2)
        .map(({ event, key }) => `${event} ${key}`)
        .toSorted(),
    ).toEqual(['done done', 'withdrawn backup:other']);
    // Heard, and taken for delivered a moment later.
    const delivered = expect.objectContaining({ name: 'webhook', isOn: true, waiting: 0 });
    await expect
      .poll(async () => await lab.json(['notices', 'list']))
      .toMatchObject({ sinks: expect.arrayContaining([delivered]) });
    serve.kill('SIGTERM');
    expect((await serve.ended).code).toBe(0);
    // Neither its start nor its end is taken for a schedule that does not run.
    expect(hook.heard.map(({ body }) => body).join('\n')).not.toContain('"stopped"');
    expect(readFileSync(path.join(lab.home, 'notices.json'), 'utf8')).not.toContain('"stopped"');
    const log = readFileSync(path.join(lab.home, 'logs', 'engine.log'), 'utf8');
    expect(log).toContain('"msg":"notice"');
    expect(log).not.toContain('s3cret');
  });

  it('tell of the vault that went away in no notice, but in the state', async () => {
    const lab = await shared().copy();
    await lab.json(['backup']);
    renameSync(lab.vault, `${lab.vault}-away`);
    const serve = await serving(lab);
    expect(await lab.json(['status'], 3)).toMatchObject({ state: 'waiting', causes: [] });
    expect(await lab.json(['notices', 'list'])).toMatchObject({ notices: [] });
    rmSync(`${lab.vault}-away`, { recursive: true });
    serve.kill('SIGTERM');
    expect((await serve.ended).code).toBe(0);
  });
});

describe('notices', () => {
  it('are listed where nothing runs that tells them, and can be paused there', async () => {
    const lab = await shared().copy();
    await lab.json(['backup']);
    const list = { notices: [{ key: 'unproven', toldMs: null, pausedUntilMs: null }] };
    expect(await lab.json(['notices', 'list'])).toMatchObject(list);
    await lab.json(['notices', 'pause', 'unproven']);
    expect(await lab.json(['notices', 'list'])).toMatchObject({
      notices: [{ key: 'unproven', toldMs: null, pausedUntilMs: expect.any(Number) }],
    });
  });

  it('refuse what cannot be done, in one sentence each', async () => {
    const lab = await shared().copy();
    const refused = async (args: readonly string[]): Promise<unknown> => {
      const { code, stderr } = await lab.run(['notices', ...args]);
      return [code, stderr.trim()];
    };
    expect(await refused(['test', 'pigeon'])).toEqual([2, 'Choose webhook, mail or queue.']);
    expect(await refused(['test', 'mail'])).toEqual([1, 'There is nothing to test: Set notifications.mail.']);
    expect(await refused(['pause', 'damaged'])).toEqual([5, 'There is no notice damaged now.']);
    expect(await refused(['mail-password', '--forget'])).toEqual([
      1,
      'Set notifications.mail with a user first: a password is kept for one server.',
    ]);
  });

  it('keep the password of a mail server sealed, and out of the settings', async () => {
    const lab = await shared().copy();
    const mail = { host: 'mail.example.org', user: 'me', from: 'a@example.org', to: ['b@example.org'] };
    await lab.json(['settings', 'set', 'notifications.mail', JSON.stringify(mail)]);
    await lab.json(['notices', 'mail-password', '--password-file', lab.passphraseFile]);
    const secret = readFileSync(lab.passphraseFile, 'utf8').trim();
    for (const file of ['settings.json', 'credentials.json', 'notices.json']) {
      const text = existsSync(path.join(lab.home, file))
        ? readFileSync(path.join(lab.home, file), 'utf8')
        : '';
      expect(text).not.toContain(secret);
    }
    expect(JSON.parse(readFileSync(path.join(lab.home, 'credentials.json'), 'utf8'))).toMatchObject({
      sealed: { 'mail me mail.example.org:465': expect.any(String) },
    });
  });
});

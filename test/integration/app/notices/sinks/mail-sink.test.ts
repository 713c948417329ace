import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { mailSink } from '../../../../../main/app/notices/sinks/mail-sink.ts';
import { notificationSettings } from '../../../../../shared/model/notification-settings.ts';
import { messageOf } from '../../../../../shared/lib/app-error.ts';
import { testNotice } from '../../../../fakes/test-notice.ts';
import { mailbox } from '../../../../helpers/mailbox.ts';
import { rejectionOf } from '../../../../helpers/rejection.ts';

const { signal } = new AbortController();

/** The sentence of what it rejects with. */
async function refusal(delivery: Promise<void>): Promise<string> {
  return messageOf(await rejectionOf(delivery));
}

function sinkTo(port: number, more: object = {}, password?: string) {
  const mail = {
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'backup@example.org',
    to: ['one@example.org', 'two@example.org'],
    ...more,
  };
  const settings = notificationSettings.parse({ mail }).mail;
  if (settings === undefined) throw new Error('The settings have no mail.');
  return mailSink({ settings, password: async () => await Promise.resolve(password), host: 'server-1' });
}

describe('mailSink', () => {
  it('sends the notice to everybody, with what mends it', async () => {
    const box = await mailbox();
    await sinkTo(box.port).deliver(testNotice('escalated'), signal);
    const [mail] = box.mails;
    expect(mail?.to).toEqual(['one@example.org', 'two@example.org']);
    expect(mail?.content).toMatch(/^Subject: No backup for 26 hours\r$/m);
    expect(mail?.content).toMatch(/^From: "Trinity Backup on server-1" <backup@example\.org>\r$/m);
    expect(mail?.content).toContain('There is no room left.');
    expect(mail?.content).toContain('What mends it: Free space.');
  });

  it('signs in with the password that is kept for it', async () => {
    const box = await mailbox({ authOptional: false });
    await sinkTo(box.port, { user: 'backup' }, 'letter box').deliver(testNotice('raised'), signal);
    expect(box.mails).toMatchObject([{ user: 'backup' }]);
  });

  it('says that the password is wrong, and shows none', async () => {
    const box = await mailbox();
    const sink = sinkTo(box.port, { user: 'backup' }, 'swordfish');
    const message = await refusal(sink.deliver(testNotice('raised'), signal));
    expect(message).toBe('The mail server 127.0.0.1 does not accept the password of backup: give it again.');
    expect(box.mails).toEqual([]);
  });

  it('says that the addresses are refused', async () => {
    const box = await mailbox({ onRcptTo: (_address, _session, done) => done(new Error('no such box')) });
    const message = await refusal(sinkTo(box.port).deliver(testNotice('raised'), signal));
    expect(message).toMatch(/refuses the addresses/);
  });

  it('sends no password and no mail in the clear, when STARTTLS was asked for and is not there', async () => {
    const box = await mailbox();
    const sink = sinkTo(box.port, { security: 'starttls', user: 'backup' }, 'letter box');
    expect(await refusal(sink.deliver(testNotice('raised'), signal))).toMatch(/No mail could be sent/);
    expect(box.mails).toEqual([]);
  });

  it('sends nothing to a server for whose name nobody vouches', async () => {
    const box = await mailbox({ secure: true });
    const sink = sinkTo(box.port, { security: 'tls' });
    expect(await refusal(sink.deliver(testNotice('raised'), signal))).toMatch(/No mail could be sent/);
    expect(box.mails).toEqual([]);
  });

  it('says what to check when nobody listens, and ends by its signal when nobody answers', async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo; // it listens on a port
    const abort = new AbortController();
    const connected = once(silent, 'connection');
    const delivery = sinkTo(port).deliver(testNotice('raised'), abort.signal);
    await connected;
    abort.abort();
    expect(await refusal(delivery)).toMatch(/^No mail could be sent by 127\.0\.0\.1/);
    silent.close();
    await once(silent, 'close');
    expect(await refusal(sinkTo(port).deliver(testNotice('raised'), signal))).toMatch(
      /^No mail could be sent/,
    );
  });

  it('does not write of what nobody was alarmed by', () => {
    expect(sinkTo(1).wants({ ...testNotice('withdrawn'), isSaid: false })).toBe(false);
  });
});

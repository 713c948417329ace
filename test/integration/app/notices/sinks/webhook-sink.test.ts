import { describe, expect, it } from 'vitest';
import { webhookSink } from '../../../../../main/app/notices/sinks/webhook-sink.ts';
import { messageOf } from '../../../../../shared/lib/app-error.ts';
import { testNotice } from '../../../../fakes/test-notice.ts';
import { rejectionOf } from '../../../../helpers/rejection.ts';
import { webListener } from '../../../../helpers/web-listener.ts';

const { signal } = new AbortController();

/** The sentence of what it rejects with. */
async function refusal(delivery: Promise<void>): Promise<string> {
  return messageOf(await rejectionOf(delivery));
}

describe('webhookSink', () => {
  it('posts what happened as JSON, with one line for chat services', async () => {
    const listener = await webListener();
    await webhookSink(`${listener.url}/hook?token=abc`, 'server-1').deliver(testNotice('raised'), signal);
    const [heard] = listener.heard;
    expect(heard).toMatchObject({
      method: 'POST',
      path: '/hook?token=abc',
      headers: { 'content-type': 'application/json' },
    });
    expect(JSON.parse(heard?.body ?? '')).toEqual({
      event: 'raised',
      key: 'backup:full',
      severity: 'bad',
      title: 'No backup for 26 hours',
      body: 'There is no room left. Last good backup yesterday.',
      text: 'Trinity Backup on server-1: No backup for 26 hours. There is no room left. Last good backup yesterday.',
      at: '2026-11-22T16:00:00.000Z',
      since: '2026-11-22T14:00:00.000Z',
      host: 'server-1',
    });
  });

  it('tells of the end of a cause under the same key', async () => {
    const listener = await webListener();
    await webhookSink(listener.url, 'h').deliver(testNotice('withdrawn'), signal);
    expect(JSON.parse(listener.heard[0]?.body ?? '')).toMatchObject({
      event: 'withdrawn',
      key: 'backup:full',
      title: 'Solved: No backup for 26 hours',
      body: 'It was so for 2 hours.',
    });
  });

  it.each([404, 500, 302])(
    'says what to do when it is answered with %d, and not its address',
    async (status) => {
      const listener = await webListener();
      listener.status = status;
      const message = await refusal(
        webhookSink(`${listener.url}/s3cret-path`, 'h').deliver(testNotice('raised'), signal),
      );
      expect(message).toMatch(/^The web hook at 127\.0\.0\.1:\d+ .*check its address.*\.$/);
      expect(message).not.toMatch(/s3cret|secret/);
    },
  );

  it('ends by its signal when nobody answers', async () => {
    const listener = await webListener();
    listener.status = 0;
    const abort = new AbortController();
    const delivery = webhookSink(listener.url, 'h').deliver(testNotice('raised'), abort.signal);
    await listener.waitFor(1);
    abort.abort();
    expect(await refusal(delivery)).toMatch(/does not answer/);
  });
});

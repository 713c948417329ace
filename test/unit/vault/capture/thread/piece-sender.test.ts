import { describe, expect, it } from 'vitest';
import { PieceSender } from '../../../../../main/vault/capture/thread/piece-sender.ts';

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('PieceSender', () => {
  it('sends all pieces and the end, no more ahead than it may', async () => {
    const sent: string[] = [];
    const sender = new PieceSender(pieces('a', '', 'b', 'c', 'd', 'e'), (bytes) => {
      sent.push(bytes === undefined ? 'end' : Buffer.from(bytes).toString());
    });
    const run = sender.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toStrictEqual(['a', 'b', 'c']);
    for (let taken = 0; taken < 3; taken += 1) sender.taken();
    await run;
    expect(sent).toStrictEqual(['a', 'b', 'c', 'd', 'e', 'end']);
  });

  it('gives a stream up that stalls, and ends it', async () => {
    // eslint-disable-next-line require-yield -- it never says anything
    const stalled = (async function* stall(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
    })();
    const sender = new PieceSender(stalled, () => undefined, 10);
    await expect(sender.run()).rejects.toMatchObject({ kind: 'failed' });
  });

  it('ends the stream when it is stopped', async () => {
    let isEnded = false;
    const sender = new PieceSender(
      (async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield Buffer.from('x');
        } finally {
          isEnded = true;
        }
      })(),
      () => undefined,
    );
    const run = sender.run();
    sender.stop();
    await run;
    await new Promise((resolve) => setImmediate(resolve));
    expect(isEnded).toBe(true);
  });
});

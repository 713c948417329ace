import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { IdempotencyStore, idempotentRequest } from '../../../../main/headless/server/idempotency.ts';
import type { RestAnswer } from '../../../../main/headless/server/routes/route.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const asked = idempotentRequest('createBackup', 'key-1', { components: ['memory'] });
const created: RestAnswer = { status: 201, body: { backup_id: 'a1b2c3d4e5f6' }, headers: { location: '/x' } };

async function newStore(nowMs = () => 1_000_000) {
  const file = path.join(await tempFolder(), 'idempotency.json');
  return { file, store: new IdempotencyStore(file, nowMs), again: () => new IdempotencyStore(file, nowMs) };
}

function counting(answer: RestAnswer = created) {
  const counter = { runs: 0 };
  const work = async (): Promise<RestAnswer> => {
    counter.runs += 1;
    return answer;
  };
  return { counter, work };
}

describe('IdempotencyStore', () => {
  it('does the work of a key once, and answers again from then on, after a restart too', async () => {
    const { store, again } = await newStore();
    const { counter, work } = counting();
    expect(await store.run(asked, work)).toEqual(created);
    for (const other of [store, again()]) {
      expect(await other.run(asked, work)).toMatchObject({
        status: 201,
        body: created.body,
        headers: { location: '/x', 'idempotency-replayed': 'true' },
      });
    }
    expect(counter.runs).toBe(1);
  });

  it('refuses the key for anything else', async () => {
    const { store } = await newStore();
    const { work } = counting();
    await store.run(asked, work);
    const other = idempotentRequest('createBackup', 'key-1', {});
    await expect(store.run(other, work)).rejects.toMatchObject({ details: { status: 422 } });
    const elsewhere = idempotentRequest('deleteBackup', 'key-1', {});
    expect(await store.run(elsewhere, work)).toEqual(created);
  });

  it('does the work once however many ask at once', async () => {
    const { store } = await newStore();
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const slow = async (): Promise<RestAnswer> => {
      runs += 1;
      await gate.promise;
      return created;
    };
    const all = Array.from({ length: 20 }, async () => await store.run(asked, slow));
    const otherContent = store.run(idempotentRequest('createBackup', 'key-1', {}), slow);
    await expect(otherContent).rejects.toMatchObject({ details: { status: 422 } });
    gate.resolve();
    const ended = await Promise.allSettled(all);
    expect(runs).toBe(1);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of ended) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ details: { status: 409 } });
    }
  });

  it('keeps the answers of requests with different keys that end at once', async () => {
    const { store, again } = await newStore();
    const { counter, work } = counting();
    const requests = Array.from({ length: 10 }, (_, number) =>
      idempotentRequest('createBackup', `key-${String(number)}`, {}),
    );
    await Promise.all(requests.map(async (request) => await store.run(request, work)));
    await Promise.all(requests.map(async (request) => await again().run(request, work)));
    expect(counter.runs).toBe(10);
  });

  it('lets what failed be tried again', async () => {
    const { store } = await newStore();
    const { work } = counting();
    const failing = store.run(asked, async () => await Promise.reject(new AppError('busy', 'Busy.')));
    await expect(failing).rejects.toMatchObject({ kind: 'busy' });
    expect(await store.run(asked, work)).toEqual(created);
  });

  it('says that nobody knows, of a request that was cut off by a kill', async () => {
    const { store, again } = await newStore();
    const { counter, work } = counting();
    const begun = Promise.withResolvers<void>();
    void store.run(asked, async () => {
      begun.resolve();
      return await new Promise<RestAnswer>(() => undefined);
    });
    await begun.promise;
    await expect(again().run(asked, work)).rejects.toMatchObject({ details: { status: 409 } });
    expect(counter.runs).toBe(0);
  });

  it('forgets after a day', async () => {
    let nowMs = 1_000_000;
    const { store } = await newStore(() => nowMs);
    const { counter, work } = counting();
    await store.run(asked, work);
    nowMs += 24 * 3_600_000 + 1;
    await store.run(asked, work);
    expect(counter.runs).toBe(2);
  });

  it.each(['', '{', '[]', '{"version":2}', '\0'])('begins anew with a broken file (%j)', async (content) => {
    const { file, store } = await newStore();
    writeFileSync(file, content);
    expect(await store.run(asked, counting().work)).toEqual(created);
  });
});

import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { createClient } from '../../../../shared/ipc/client.ts';
import { contract } from '../../../../shared/ipc/contract.ts';
import { type Envelope, errorEnvelope } from '../../../../shared/ipc/envelope.ts';
import type { AppEvent } from '../../../../shared/model/events.ts';
import { callNames } from '../../../../shared/ipc/names.ts';

function clientOf(answer: unknown) {
  return createClient({ call: async () => structuredClone(answer), subscribe: () => () => undefined });
}

describe('the contract', () => {
  it('has the calls that the preload lets through, and no others', () => {
    expect(Object.keys(contract).toSorted()).toEqual([...callNames].toSorted());
  });

  it.each(callNames)('refuses fields that it does not know, in %s', (name) => {
    const { success } = contract[name].input.safeParse({ unknownField: 1 });
    expect(success).toBe(false);
  });
});

describe('the client', () => {
  it('gives the value of an answer', async () => {
    const answer: Envelope = { ok: true, value: { backupId: 'a1b2c3d4e5f6' } };
    await expect(clientOf(answer).call('backups.undelete', { backupId: 'a1b2c3d4e5f6' })).resolves.toEqual({
      backupId: 'a1b2c3d4e5f6',
    });
  });

  it('rejects with the error of the other side, its kind and its details', async () => {
    const error = new AppError('unavailable', 'The disk is away.', { details: { absent: true, bytes: 1n } });
    const rejected = clientOf(errorEnvelope(error)).call('status.get', {});
    await expect(rejected).rejects.toMatchObject({
      name: 'AppError',
      kind: 'unavailable',
      message: 'The disk is away.',
      details: { absent: true },
    });
  });

  it('tells events that it knows, and none of another version', () => {
    const told: AppEvent[] = [];
    let isOn = true;
    const client = createClient({
      call: async () => undefined,
      subscribe: (listener) => {
        listener('settingsChanged', { names: ['install'] });
        listener('settingsChanged', { names: 1 });
        listener('toString', {});
        listener('somethingNew', {});
        return () => (isOn = false);
      },
    });
    client.subscribe((event) => told.push(event))();
    expect(told).toEqual([{ name: 'settingsChanged', event: { names: ['install'] } }]);
    expect(isOn).toBe(false);
  });

  it.each([undefined, 'no', { ok: true, value: 1, more: 2 }, { ok: false, error: { kind: 'other' } }])(
    'takes no answer that is no envelope (%j)',
    async (answer) => {
      await expect(clientOf(answer).call('status.get', {})).rejects.toMatchObject({ kind: 'failed' });
    },
  );
});

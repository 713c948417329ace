import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { callNames } from '../../../../shared/ipc/names.ts';
import { type CallHandlers, CallRouter } from '../../../../main/app/calls/router.ts';

const signal = new AbortController().signal;

function routerOf(handlers: Partial<CallHandlers>) {
  const unexpected: unknown[] = [];
  const missing = async (): Promise<never> => {
    throw new Error('not asked in this test');
  };
  const all = Object.fromEntries(callNames.map((name) => [name, missing])) as unknown as CallHandlers;
  const router = new CallRouter({ ...all, ...handlers }, (_, error) => unexpected.push(error));
  return { router, unexpected };
}

describe('CallRouter', () => {
  it('hands the checked input over, with its defaults', async () => {
    const asked: unknown[] = [];
    const { router } = routerOf({
      'backups.list': async (input) => {
        asked.push(input);
        return { backups: [], unreadable: [], next: null, from: null, total: 0 };
      },
    });
    await router.dispatch('backups.list', { limit: 5 }, signal);
    expect(asked).toEqual([{ limit: 5, trashed: false }]);
  });

  it('lets out nothing that the contract does not name', async () => {
    const answer = { backupId: 'a1b2c3d4e5f6', secret: 'hush' };
    const { router } = routerOf({ 'backups.undelete': async () => answer });
    const said = await router.dispatch('backups.undelete', { backupId: 'a1b2c3d4e5f6' }, signal);
    expect(said).toEqual({ ok: true, value: { backupId: 'a1b2c3d4e5f6' } });
  });

  it.each(['nothing.there', 'constructor', '__proto__', 'toString', ''])(
    'refuses the call %j',
    async (name) => {
      const said = await routerOf({}).router.dispatch(name, {}, signal);
      expect(said).toMatchObject({ ok: false, error: { kind: 'usage' } });
    },
  );

  it.each([undefined, null, [], 'x', { backupId: '../../etc' }, { backupId: 'a1b2c3d4e5f6', more: 1 }])(
    'refuses what does not fit, without asking the handler (%j)',
    async (input) => {
      const { router, unexpected } = routerOf({});
      const said = await router.dispatch('backups.show', input, signal);
      expect(said).toMatchObject({ ok: false, error: { kind: 'usage', details: { badInput: true } } });
      expect(unexpected).toEqual([]);
    },
  );

  it('passes errors for people on as they are', async () => {
    const { router, unexpected } = routerOf({
      'status.get': async () => {
        throw new AppError('busy', 'A backup is running.');
      },
    });
    expect(await router.dispatch('status.get', {}, signal)).toEqual({
      ok: false,
      error: { kind: 'busy', message: 'A backup is running.', details: {} },
    });
    expect(unexpected).toEqual([]);
  });

  it('tells other errors in full to the log, and as a failure to the page', async () => {
    const { router, unexpected } = routerOf({
      'status.get': async () => {
        throw new TypeError('x is not a function');
      },
    });
    const said = await router.dispatch('status.get', {}, signal);
    expect(said).toMatchObject({ ok: false, error: { kind: 'failed' } });
    expect(unexpected).toHaveLength(1);
  });
});

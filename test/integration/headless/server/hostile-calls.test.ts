import { beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../../../../shared/ipc/contract.ts';
import { type Envelope, envelope } from '../../../../shared/ipc/envelope.ts';
import { callNames } from '../../../../shared/ipc/names.ts';
import { sharedRestLab } from '../../../helpers/rest-lab.ts';
import { secretOfInstall } from '../../crash/crash-install.ts';
import { sampleInput } from '../../../helpers/sample-input.ts';
import { unwatched } from '../../../helpers/tiny-engine.ts';

let nowMs = Date.now();
const shared = sharedRestLab({ isSetUp: true, now: () => nowMs });
let backupId = '';

beforeAll(async () => {
  ({ backupId } = await shared().application.run('backup', {}, unwatched));
});

const idPattern = '^[0-9a-f]{12}$';

/** As a page of the browser asks, whatever has become of it. */
async function call(name: string, body: unknown): Promise<Envelope | undefined> {
  nowMs += 1000;
  const { json } = await shared().ask({ method: 'POST', path: `/ipc/${name}`, body });
  return envelope.safeParse(json).data;
}

/** What was said of it that was not made for people: a bug. */
function surpriseOf(answer: Envelope | undefined): string | undefined {
  if (answer === undefined) return 'no envelope';
  if (answer.ok) return undefined;
  return answer.error.message.startsWith('Something unexpected') ? answer.error.message : undefined;
}

describe('every call of the contract', () => {
  it.each(callNames)('takes names and paths with a NUL for what they are, in %s', async (name) => {
    for (const variant of [0, 1, 2]) {
      const recipe = { variant, text: '/no\u0000where', patterns: { [idPattern]: backupId } };
      const input = sampleInput(contract[name].input, recipe);
      expect({ input, surprise: surpriseOf(await call(name, input)) }).toEqual({
        input,
        surprise: undefined,
      });
    }
    for (const task of shared().application.tasks.list()) {
      await task.done;
      const { message = '' } = task.error ?? {};
      expect({ operation: task.operation, message }).not.toMatchObject({
        message: expect.stringContaining('Something unexpected'),
      });
    }
  });

  it.each(callNames)('takes no field for what all objects inherit, in %s', async (name) => {
    const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    expect(await call(name, hostile)).toBeUndefined();
    const { calls } = shared().application;
    const signal = new AbortController().signal;
    const answer = await calls.dispatch(name, JSON.parse(hostile), signal);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'usage' } });
    expect('polluted' in {}).toBe(false);
  });
});

describe('settings', () => {
  it.each([
    ['__proto__', 'polluted'],
    ['constructor', 'prototype', 'polluted'],
    ['agents', '__proto__'],
    ['agents', '__proto__', 'include'],
    ['copies', '__proto__', 'required'],
    ['volumes', 'constructor', 'include'],
    ['toString'],
  ])('change nothing but themselves (%s, %s)', async (...path) => {
    await call('settings.set', { path: path.filter((part) => part !== undefined), value: true });
    expect(['polluted' in {}, 'include' in {}, 'required' in {}]).toEqual([false, false, false]);
    const all = await call('settings.get', {});
    expect(all).toMatchObject({ ok: true, value: { enabled: false } });
  });

  it('hold no secret that is kept elsewhere, and no other answer does', async () => {
    const { application, token } = shared();
    const mail = { host: 'mail.example', user: 'me', from: 'a@example', to: ['b@example'] };
    await call('settings.set', { path: ['notifications', 'mail'], value: mail });
    const password = 'mail-password-of-test';
    expect(await call('notices.mailPassword', { password })).toMatchObject({ value: { isKept: true } });
    const said = await Promise.all(
      (['settings.get', 'home.get', 'status.get', 'notices.list', 'copies.list'] as const).map(async (name) =>
        JSON.stringify(await call(name, {})),
      ),
    );
    const metrics = (await shared().ask({ path: '/metrics' })).text;
    const activity = JSON.stringify(await call('activity.list', {}));
    const everything = [...said, metrics, activity].join('\n');
    expect(everything).toContain('mail.example');
    for (const secret of [password, token, secretOfInstall]) expect(everything).not.toContain(secret);
    await application.run('mailPassword', { password: null }, unwatched);
  });
});

describe('payloads', () => {
  it.each([
    ['nested deeper than any data', `{"value":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400],
    ['nested as deep as fits', '['.repeat(500_000) + ']'.repeat(500_000), 400],
    ['longer than any call', `{"path":["exclude"],"value":"${'x'.repeat(1024 * 1024)}"}`, 413],
    ['a list as long as fits', JSON.stringify({ path: ['exclude'], value: Array(300_000).fill(1) }), 400],
    ['no JSON', '{"path":', 400],
    ['text', '"x"', 400],
    ['nothing', 'null', 400],
  ])('that are %s are refused', async (_what, body, status) => {
    nowMs += 1000;
    const answer = await shared().ask({ method: 'POST', path: '/ipc/settings.set', body });
    expect(answer.status).toBe(status);
    expect(shared().unexpected).toEqual([]);
  });
});

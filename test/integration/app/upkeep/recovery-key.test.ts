import { describe, expect, it } from 'vitest';
import { gatherFacts } from '../../../../main/app/status/gather.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { tinyEngine, unwatched } from '../../../helpers/tiny-engine.ts';
import { runOperation } from '../../../../main/app/operations/run-operation.ts';

const dayMs = 24 * 3_600_000;

describe('the recovery key', () => {
  it('is asked for half a year after it was made, and half a year after it was typed', async () => {
    const clock = new FakeClock(Date.now());
    const { engine, recoveryKey } = await tinyEngine({ now: clock.now });
    const dueSince = async (): Promise<number | undefined> => (await gatherFacts(engine)).kitDueSinceMs;
    expect(await dueSince()).toBeUndefined();
    clock.jump(179 * dayMs);
    expect(await dueSince()).toBeUndefined();
    clock.jump(2 * dayMs);
    expect(await dueSince()).toBeLessThan(clock.now());
    const { keyId, provenAt } = await runOperation(engine, 'recoveryKeyCheck', { recoveryKey }, unwatched);
    expect(Date.parse(provenAt)).toBe(clock.now());
    const { keys } = await runOperation(engine, 'keysList', {}, unwatched);
    expect(keys.find(({ id }) => id === keyId)?.kind).toBe('recovery');
    expect(await dueSince()).toBeUndefined();
    clock.jump(181 * dayMs);
    expect(await dueSince()).toBeDefined();
    await runOperation(engine, 'settingsSet', { path: ['drill', 'kitDays'], value: 365 }, unwatched);
    expect(await dueSince()).toBeUndefined();
  });

  it('that is another one, or mistyped, opens nothing and proves nothing', async () => {
    const clock = new FakeClock(Date.now());
    const { engine, recoveryKey } = await tinyEngine({ now: clock.now });
    const other = await tinyEngine();
    clock.jump(200 * dayMs);
    const check = async (text: string): Promise<unknown> =>
      await runOperation(engine, 'recoveryKeyCheck', { recoveryKey: text }, unwatched);
    await expect(check(other.recoveryKey)).rejects.toMatchObject({
      kind: 'no-key',
      message: expect.stringContaining('does not open the vault'),
    });
    await expect(check(recoveryKey.slice(1))).rejects.toThrow(/typing mistake/u);
    expect((await gatherFacts(engine)).kitDueSinceMs).toBeDefined();
    // Whoever connects with it has just shown that it opens the vault.
    const { backup } = (await engine.settings.read()).settings;
    const secret = { kind: 'recovery', recoveryKey } as const;
    await runOperation(engine, 'connect', { location: backup.path ?? '', secret }, unwatched);
    expect((await gatherFacts(engine)).kitDueSinceMs).toBeUndefined();
  });
});

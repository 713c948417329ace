import { expect } from 'vitest';
import { type CommandLab, sharedLab } from './command-lab.ts';
import { RunningApplication } from './running-application.ts';

export type Live = Readonly<{ lab: CommandLab; app: RunningApplication }>;

/** One setting: what shows its effect, before and after it is set in the running application. */
export type SettingRow = Readonly<{ name: string; value: unknown; before: unknown; after: unknown }>;

/** Applications on copies of one lab, in which nothing runs by itself and of which there is no backup yet. */
export function sharedLive(
  prepare: (lab: CommandLab) => void = () => undefined,
): (settings?: readonly (readonly [string, unknown])[]) => Promise<Live> {
  const shared = sharedLab(async (lab) => {
    prepare(lab);
    await lab.json(['settings', 'set', 'enabled', 'false']);
    await lab.json(['settings', 'set', 'onShutdown', 'false']);
  });
  return async (settings = []) => {
    const lab = await shared().copy();
    const app = await RunningApplication.start(lab);
    for (const [name, value] of settings) await setLive(app, name, value);
    return { lab, app };
  };
}

/** `null` takes it back to its default. */
export async function setLive(app: RunningApplication, name: string, value: unknown): Promise<void> {
  await app.run('settingsSet', { path: name.split('.'), value: JSON.parse(JSON.stringify(value)) });
}

/** Looks, sets, looks again, and takes it back, for one setting after the other. */
export async function expectEffects(
  app: RunningApplication,
  rows: readonly (SettingRow & Readonly<{ look: () => Promise<unknown> }>)[],
): Promise<void> {
  for (const { name, value, before, after, look } of rows) {
    expect(await look(), `before ${name} is set`).toEqual(before);
    await setLive(app, name, value);
    expect(await look(), `after ${name} is set`).toEqual(after);
    await setLive(app, name, null);
  }
}

export async function hasCause({ app }: Pick<Live, 'app'>, causeKey: string): Promise<boolean> {
  return (await app.run('status', {})).causes.some(({ key }) => key === causeKey);
}

/** Keys and proofs have the time of the machine and of the disk. */
export function toRealTime({ app }: Pick<Live, 'app'>): void {
  app.clock.jump(Date.now() - app.clock.now());
}

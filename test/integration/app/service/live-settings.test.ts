import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { backupSettings } from '../../../../shared/model/settings.ts';
import { type CommandLab, sharedLab } from '../../../helpers/command-lab.ts';
import { RunningApplication } from '../../../helpers/running-application.ts';
import { webListener } from '../../../helpers/web-listener.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const workspace = 'agent-one-workspace';

type Live = Readonly<{ lab: CommandLab; app: RunningApplication }>;

/** One setting: what shows its effect, before and after it is set in the running application. */
type Row = Readonly<{
  name: string;
  value: unknown;
  look: (live: Live) => Promise<unknown>;
  before: unknown;
  after: unknown;
}>;

/** Nothing runs by itself, and there is no backup yet. */
const shared = sharedLab(async (lab) => {
  mkdirSync(path.join(lab.base, 'extra'));
  writeFileSync(path.join(lab.base, 'extra', 'file'), 'of an extra folder');
  await lab.json(['settings', 'set', 'enabled', 'false']);
  await lab.json(['settings', 'set', 'onShutdown', 'false']);
});

const newest = async ({ app }: Live) => {
  app.clock.sleep(minuteMs);
  await app.run('backup', {});
  return (await app.run('list', { trashed: false })).backups[0];
};

const nextRunHours = async ({ app }: Live): Promise<number | null> => {
  const [first = ''] = (await app.run('schedule', {})).nextRuns;
  return first === '' ? null : Math.round((Date.parse(first) - app.clock.now()) / hourMs);
};

/** How well it stores half a megabyte that can be made much smaller. */
const isSmall = async ({ lab, app }: Live): Promise<boolean> => {
  if ((await app.history()).length === 0) await app.run('backup', {});
  const text = `${randomBytes(8).toString('hex')} again and again\n`.repeat(20_000);
  writeFileSync(path.join(lab.volumes, workspace, '_data', 'text'), text);
  return (await app.run('backup', {})).bytesStored < text.length / 2;
};

/** How many of three backups of one hour the rules let go. */
const goingByRules = async ({ app }: Live): Promise<number> => {
  for (let made = (await app.history()).length; made < 3; made += 1) {
    app.clock.sleep(minuteMs);
    await app.run('backup', {});
  }
  return (await app.run('prune', { dryRun: true, confirmed: false })).pruned.length;
};

const stateAfter = async ({ app }: Live, causeKey: string): Promise<boolean> =>
  (await app.run('status', {})).causes.some(({ key }) => key === causeKey);

/** Keys and proofs have the time of the machine and of the disk. */
const toRealTime = ({ app }: Pick<Live, 'app'>): void => app.clock.jump(Date.now() - app.clock.now());

const rows: readonly Row[] = [
  { name: 'enabled', value: true, look: nextRunHours, before: null, after: 0 },
  {
    name: 'compression',
    value: false,
    look: isSmall,
    before: true,
    after: false,
  },
  {
    name: 'include',
    value: ['config', 'files'],
    look: async (live) => (await newest(live))?.components,
    before: ['persistence', 'config', 'files', 'memory'],
    after: ['config', 'files'],
  },
  {
    name: 'exclude',
    value: ['large.bin'],
    look: async ({ app }) => (await app.run('backup', {})).bytes > 500_000,
    before: true,
    after: false,
  },
  {
    name: 'agents.one.include',
    value: false,
    look: async (live) => (await newest(live))?.agents,
    before: ['one', 'two'],
    after: ['two'],
  },
  {
    name: `volumes.${workspace}.include`,
    value: false,
    look: async (live) => (await newest(live))?.agents,
    before: ['one', 'two'],
    after: ['two'],
  },
  {
    name: 'retention.newest',
    value: 1,
    look: goingByRules,
    before: 0,
    after: 2,
  },
  {
    name: 'trashDays',
    value: 30,
    look: async ({ app }) => {
      const { backupId } = await app.run('backup', {});
      return (await app.run('delete', { backupId })).trashDays;
    },
    before: 7,
    after: 30,
  },
  {
    name: 'objectives.backupHours',
    value: 2,
    look: async (live) => {
      if ((await live.app.history()).length === 0) await live.app.run('backup', {});
      await live.app.clock.advance(3 * hourMs);
      return await stateAfter(live, 'backup:stale');
    },
    before: false,
    after: true,
  },
  {
    name: 'objectives.proofDays',
    value: 1,
    look: async (live) => {
      if ((await live.app.history()).length === 0) {
        toRealTime(live);
        await live.app.run('backup', {});
        await live.app.run('drill', {});
      }
      live.app.clock.sleep(2 * dayMs);
      return await stateAfter(live, 'unproven');
    },
    before: false,
    after: true,
  },
  {
    name: 'drill.kitDays',
    value: 1,
    look: async (live) => {
      toRealTime(live);
      live.app.clock.sleep(2 * dayMs);
      return await stateAfter(live, 'kit');
    },
    before: false,
    after: true,
  },
];

async function started(settings: readonly (readonly [string, unknown])[] = []): Promise<Live> {
  const lab = await shared().copy();
  const app = await RunningApplication.start(lab);
  for (const [name, value] of settings) await set(app, name, value);
  return { lab, app };
}

async function set(app: RunningApplication, name: string, value: unknown): Promise<void> {
  await app.run('settingsSet', { path: name.split('.'), value: JSON.parse(JSON.stringify(value)) });
}

describe('a setting of a running application', () => {
  it.each(rows)('$name takes effect without a restart', async ({ name, value, look, before, after }) => {
    const live = await started();
    expect(await look(live)).toEqual(before);
    await set(live.app, name, value);
    await expect.poll(async () => await look(live), { timeout: 10_000, interval: 50 }).toEqual(after);
  });

  it('paths takes effect without a restart', async () => {
    const live = await started();
    expect((await newest(live))?.components).not.toContain('paths');
    await set(live.app, 'paths', [path.join(live.lab.base, 'extra')]);
    expect((await newest(live))?.components).toContain('paths');
  });

  it('onShutdown and onStartup are those of the moment when it ends and starts', async () => {
    const { app } = await started([
      ['enabled', true],
      ['drill.enabled', false],
      ['onStartup', true],
      ['onShutdown', true],
    ]);
    await app.clock.advance(minuteMs);
    await app.application.power.sessionEnding();
    await app.start();
    await app.quiet();
    expect(await app.history()).toEqual(expect.arrayContaining(['startup succeeded', 'shutdown succeeded']));
  });

  it('drill.enabled and drill.everyDays move rehearsals', async () => {
    const { app } = await started([
      ['drill.enabled', false],
      ['scheduleHours', 168],
      ['enabled', true],
      ['pausedUntil', 'resumed'],
    ]);
    toRealTime({ app });
    await app.run('backup', {});
    const count = async (operation: string): Promise<number> =>
      (await app.application.engine.catalog()).runs(50, operation).length;
    const passUntil = async (operation: string, times: number): Promise<void> =>
      await app.until(async () => {
        await app.clock.advance(10 * minuteMs);
        return (await count(operation)) === times;
      });
    // Samples are read each day all the while.
    await passUntil('verify', 1);
    expect(await count('drill')).toBe(0);
    await set(app, 'drill.enabled', true);
    await passUntil('drill', 1);
    await passUntil('verify', 2);
    expect(await count('drill')).toBe(1);
    await set(app, 'drill.everyDays', 1);
    await passUntil('drill', 2);
  });

  it('transfer holds for the line at once, set by a command or edited by hand', async () => {
    const { app } = await started();
    const useLine = vi.spyOn(app.application.engine.storages, 'useLine');
    await set(app, 'transfer.uploadKilobytesPerSecond', 100);
    expect(useLine).toHaveBeenLastCalledWith({ uploadKilobytesPerSecond: 100, parallel: 4 });
    await set(app, 'transfer.parallel', 2);
    expect(useLine).toHaveBeenLastCalledWith({ uploadKilobytesPerSecond: 100, parallel: 2 });
  });

  it('copies are copied to, and counted, as they are set', async () => {
    const { lab, app } = await started();
    toRealTime({ app });
    await app.run('copiesAdd', { location: path.join(lab.base, 'copy'), name: 'nas' });
    const isWhole = async (): Promise<boolean> =>
      (await app.run('copiesStatus', {}))[0]?.behindSince === null;
    await set(app, 'copies.nas.enabled', false);
    await app.run('backup', {});
    await app.clock.advance(2 * hourMs);
    expect(await isWhole()).toBe(false);
    await set(app, 'copies.nas.enabled', true);
    await app.until(async () => {
      await app.clock.advance(minuteMs);
      return await isWhole();
    });
    const isBehind = async (): Promise<boolean> => await stateAfter({ lab, app }, 'copy:nas');
    renameSync(path.join(lab.base, 'copy'), path.join(lab.base, 'copy-away'));
    await app.run('backup', {});
    app.clock.sleep(2 * hourMs);
    expect(await isBehind()).toBe(false);
    await set(app, 'objectives.copyHours', 1);
    expect(await isBehind()).toBe(true);
    await set(app, 'copies.nas.required', false);
    expect(await isBehind()).toBe(false);
  });

  it('notifications go where they are set to go by then', async () => {
    const { app } = await started();
    const listener = await webListener();
    await app.run('backup', {});
    expect(listener.heard).toEqual([]);
    await set(app, 'notifications.heartbeat', { url: `${listener.url}/beat` });
    await set(app, 'notifications.webhook', { url: `${listener.url}/hook` });
    await set(app, 'notifications.everySuccess', true);
    await app.run('backup', {});
    await listener.waitFor(3);
    const paths = listener.heard.map((heard) => heard.path).toSorted();
    expect(paths.slice(0, 3)).toEqual(['/beat', '/beat/start', '/hook']);
  });

  it('counts together with others that are set in the same moment', async () => {
    const { app } = await started();
    const values = [
      ['scheduleHours', 12],
      ['trashDays', 30],
      ['compression', false],
      ['retention.daily', 3],
      ['objectives.proofDays', 3],
    ] as const;
    await Promise.all(values.map(async ([name, value]) => await set(app, name, value)));
    for (const [name, value] of values)
      expect(await app.run('settingsGet', { path: name.split('.') })).toBe(value);
  });

  it('is one that these tests know', () => {
    // The place of the vault, and the times and pauses of the schedule: application.test.ts. How volumes are reached: read with the
    // install, before each run (test/docker/volumes).
    const elsewhere = ['path', 'vaultId', 'formerVaults', 'scheduleHours', 'pausedUntil', 'volumeAccess'];
    const here = ['onStartup', 'onShutdown', 'paths', 'drill', 'transfer', 'copies', 'notifications'];
    const known = new Set([...elsewhere, ...here, ...rows.map(({ name }) => name.split('.')[0])]);
    expect(Object.keys(backupSettings.shape).filter((name) => !known.has(name))).toEqual([]);
  });
});

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { backupSettings } from '../../../../shared/model/settings.ts';
import {
  expectEffects,
  hasCause,
  type Live,
  setLive,
  sharedLive,
  toRealTime,
} from '../../../helpers/live-settings.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const workspace = 'agent-one-workspace';

const started = sharedLive((lab) => {
  mkdirSync(path.join(lab.base, 'extra'));
  writeFileSync(path.join(lab.base, 'extra', 'file'), 'of an extra folder');
});

async function newest({ app }: Live) {
  app.clock.sleep(minuteMs);
  await app.run('backup', {});
  return (await app.run('list', { trashed: false })).backups[0];
}

/** How well it stores half a megabyte that can be made much smaller. */
async function isSmall({ lab, app }: Live): Promise<boolean> {
  const text = `${randomBytes(8).toString('hex')} again and again\n`.repeat(20_000);
  writeFileSync(path.join(lab.volumes, workspace, '_data', 'text'), text);
  return (await app.run('backup', {})).bytesStored < text.length / 2;
}

describe('a setting of a running application', () => {
  it('of what is backed up counts for the next backup', async () => {
    const live = await started();
    const { app, lab } = live;
    const components = async () => (await newest(live))?.components;
    const agents = async () => (await newest(live))?.agents;
    const all = ['persistence', 'config', 'files', 'memory'];
    const both = ['one', 'two'];
    await app.run('backup', {});
    await expectEffects(app, [
      { name: 'include', value: ['config'], look: components, before: all, after: ['config'] },
      {
        name: 'paths',
        value: [path.join(lab.base, 'extra')],
        look: components,
        before: all,
        after: [...all, 'paths'],
      },
      { name: 'agents.one.include', value: false, look: agents, before: both, after: ['two'] },
      {
        name: 'volumes',
        value: { [workspace]: { include: false } },
        look: agents,
        before: both,
        after: ['two'],
      },
      {
        name: 'exclude',
        value: ['large.bin'],
        look: async () => (await app.run('backup', {})).bytes > 500_000,
        before: true,
        after: false,
      },
      {
        name: 'compression',
        value: false,
        look: async () => await isSmall(live),
        before: true,
        after: false,
      },
    ]);
  });

  it('of how agents are held counts for the next look at them', async () => {
    const { app } = await started();
    const consistency = async () =>
      (await app.run('agents', {})).agents.find(({ name }) => name === 'one')?.consistency;
    await expectEffects(app, [
      {
        name: 'agents.one.consistency',
        value: 'live',
        look: consistency,
        before: 'pause',
        after: 'live',
      },
    ]);
  });

  it('of retention counts for the next look at what goes', async () => {
    const { app } = await started();
    // Two of one day, one of the same week, one of the same month, and one in each of two later months: it is the last day now.
    for (const days of [0, 0, 1, 7, 30, 30]) {
      app.clock.sleep(days * dayMs + minuteMs);
      await app.run('backup', {});
    }
    const going = async () => (await app.run('prune', { dryRun: true, confirmed: false })).pruned.length;
    const strict = { newest: 1, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 36_500 };
    const rules = [
      { name: 'retention.newest', value: 2, from: strict, before: 5, after: 4 },
      { name: 'retention.daily', value: 5, from: strict, before: 5, after: 1 },
      { name: 'retention.weekly', value: 3, from: strict, before: 5, after: 3 },
      { name: 'retention.monthly', value: 2, from: strict, before: 5, after: 4 },
      { name: 'retention.maxAgeDays', value: 40, from: { ...strict, newest: 6 }, before: 0, after: 4 },
    ];
    for (const { from, ...row } of rules) {
      await setLive(app, 'retention', from);
      await expectEffects(app, [{ ...row, look: going }]);
    }
    const { backupId } = await app.run('backup', {});
    const trashed = async () => (await app.run('delete', { backupId })).trashDays;
    await setLive(app, 'trashDays', 30);
    expect(await trashed()).toBe(30);
  });

  it('of objectives counts for the next sentence', async () => {
    const { app } = await started();
    toRealTime({ app });
    await app.run('backup', {});
    await app.run('drill', {});
    app.clock.sleep(3 * hourMs);
    const isThere = (key: string) => async () => await hasCause({ app }, key);
    await expectEffects(app, [
      {
        name: 'objectives.backupHours',
        value: 2,
        look: isThere('backup:stale'),
        before: false,
        after: true,
      },
    ]);
    app.clock.sleep(2 * dayMs);
    await expectEffects(app, [
      { name: 'objectives.proofDays', value: 1, look: isThere('unproven'), before: false, after: true },
      { name: 'drill.kitDays', value: 1, look: isThere('kit'), before: false, after: true },
    ]);
  });

  it('of the schedule switches it on', async () => {
    const { app } = await started();
    const isPlanned = async () => (await app.run('schedule', {})).nextRuns.length > 0;
    expect(await isPlanned()).toBe(false);
    await setLive(app, 'enabled', true);
    await app.until(isPlanned);
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
    await Promise.all(values.map(async ([name, value]) => await setLive(app, name, value)));
    for (const [name, value] of values)
      expect(await app.run('settingsGet', { path: name.split('.') })).toBe(value);
  });
});

/** Every setting with the test that shows its effect; a new one is missing here until it has one. */
const shown: Readonly<Record<string, readonly string[]>> = {
  'live-settings': [
    ...['newest', 'daily', 'weekly', 'monthly', 'maxAgeDays'].map((name) => `retention.${name}`),
    'include',
    'paths',
    'exclude',
    'compression',
    'agents',
    'volumes',
    'enabled',
    'objectives.backupHours',
    'objectives.proofDays',
    'drill.kitDays',
    'trashDays',
  ],
  'live-settings-services': [
    'onStartup',
    'onShutdown',
    'copies',
    'objectives.copyHours',
    ...['enabled', 'everyDays', 'maxMinutes', 'maxDownloadBytes'].map((name) => `drill.${name}`),
    ...['uploadKilobytesPerSecond', 'downloadKilobytesPerSecond', 'parallel'].map(
      (name) => `transfer.${name}`,
    ),
    ...['firstSuccess', 'everySuccess', 'quietHours', 'webhook', 'heartbeat', 'mail', 'operatorQueue'].map(
      (name) => `notifications.${name}`,
    ),
  ],
  // How volumes are reached: read with the install, before each run (test/docker/volumes).
  docker: ['volumeAccess'],
  // The place of the vault, and the times and pauses of the schedule.
  application: ['path', 'vaultId', 'formerVaults', 'scheduleHours', 'pausedUntil'],
};

function namesOf(shape: z.ZodObject['shape'], prefix = ''): readonly string[] {
  return Object.entries(shape).flatMap(([name, type]) => {
    const inner: unknown = 'unwrap' in type && typeof type.unwrap === 'function' ? type.unwrap() : type;
    return isObject(inner) && name !== 'mail' && prefix === ''
      ? namesOf(inner.shape, `${name}.`)
      : `${prefix}${name}`;
  });
}

function isObject(type: unknown): type is z.ZodObject {
  return typeof type === 'object' && type !== null && 'shape' in type;
}

describe('the settings', () => {
  it('are those that these tests know', () => {
    expect(namesOf(backupSettings.shape).toSorted()).toEqual(Object.values(shown).flat().toSorted());
  });
});

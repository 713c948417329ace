import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { TrayController } from '../../main/app/tray/tray-controller.ts';
import type { TrayModel } from '../../main/app/tray/tray-model.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { answer, fakeEngine } from '../fakes/fake-engine.ts';
import { hourMs, nowMs } from '../fakes/status-facts.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { sentenceOfMetrics, sentenceOfStatus, sentencesShown } from '../helpers/state-doors.ts';

const clock = new FakeClock(nowMs);
const lab = sharedBrowserLab({ isSetUp: true, clock });
const shown: TrayModel[] = [];

beforeAll(async () => {
  await lab.backUp();
  // What is not proven would be said first.
  const options = { signal: new AbortController().signal, onProgress: () => undefined };
  await lab.rest().application.run('drill', {}, options);
  const tray = new TrayController(lab.rest().application, { show: (model) => void shown.push(model) });
  return async () => await tray[Symbol.asyncDispose]();
});

/** Nothing but time passes: nobody is told of anything, and nobody asks. */
async function passTime(page: Page, said: RegExp): Promise<void> {
  await expect
    .poll(
      async () => {
        await clock.advance(10_000);
        return await sentencesShown(shown.at(-1), page);
      },
      { interval: 20 },
    )
    .toEqual({
      tooltip: expect.stringMatching(said),
      header: expect.stringMatching(said),
      overview: expect.stringMatching(said),
    });
}

/** Whoever asks is told the same as what stands there. */
async function expectSameAsked(page: Page): Promise<void> {
  await expect
    .poll(async () => {
      // The tray is shown anew a second after it has changed.
      await clock.advance(1000);
      const [metrics, status] = [await sentenceOfMetrics(lab.rest()), await sentenceOfStatus(lab.rest())];
      return new Set([metrics, status, ...Object.values(await sentencesShown(shown.at(-1), page))]).size;
    })
    .toBe(1);
}

/** An engine that answers, and has nothing; its address goes to the install. */
async function useEngine(): Promise<string> {
  const host = await fakeEngine(({ url = '' }, response) => {
    if (url.endsWith('/info')) answer(response, 200, engineFacts);
    else if (url.includes('/containers/json')) answer(response, 200, []);
    else if (url.endsWith('/volumes')) answer(response, 200, { Volumes: [] });
    else answer(response, 404, { message: 'No such thing' });
  });
  const { settings, events } = lab.rest().application.engine;
  const change = async (dockerHost: string | undefined): Promise<void> => {
    await settings.change(({ install, ...rest }) =>
      install === undefined ? rest : { ...rest, install: { ...install, dockerHost } },
    );
    events.emit('settingsChanged', { names: [] });
  };
  await change(host);
  onTestFinished(async () => await change(undefined));
  return host.replace('unix://', '');
}

const engineFacts = { ID: 'an-engine', DockerRootDir: '/var/lib/docker', KernelVersion: 'another' };

/** What is wrong, how it is put right again, and what is said of it. */
const causes = {
  'the folder of the vault is gone': async () => {
    const vault = path.join(lab.rest().base, 'vault');
    renameSync(vault, `${vault}-away`);
    return await Promise.resolve({ said: /^Waiting for /u, mend: () => renameSync(`${vault}-away`, vault) });
  },
  'the Docker engine is gone': async () => {
    const socket = await useEngine();
    renameSync(socket, `${socket}-away`);
    return { said: /^Waiting for Docker/u, mend: () => renameSync(`${socket}-away`, socket) };
  },
  'an agent has come': async () => {
    const agent = path.join(lab.rest().volumes, 'agent-newcomer-workspace');
    mkdirSync(path.join(agent, '_data'), { recursive: true });
    writeFileSync(path.join(agent, '_data/notes.txt'), 'new');
    return await Promise.resolve({
      said: /^1 agent is not backed up: newcomer/u,
      mend: () => rmSync(agent, { recursive: true }),
    });
  },
} as const;

const usual = /^(?!Waiting|1 agent)/u;

describe.each(Object.entries(causes))('what tells nobody: %s', (_, cause) => {
  let page: Page;

  beforeEach(async () => {
    // The vault's size cannot be read while its folder is gone.
    page = await lab.open({ isRefused: true });
    await passTime(page, usual);
  });

  it('is said at every door long before all is looked up anew, and no more when it is mended', async () => {
    const { said, mend } = await cause();
    const before = clock.now();
    await passTime(page, said);
    // A glance takes its own time, whatever this clock says; all is looked up once an hour anyway.
    expect(clock.now() - before).toBeLessThan(hourMs / 2);
    await expectSameAsked(page);
    mend();
    await passTime(page, usual);
    await expectSameAsked(page);
  });

  it('is said at every door as soon as one of them was asked', async () => {
    const { said, mend } = await cause();
    expect(await sentenceOfMetrics(lab.rest())).toMatch(said);
    await expect
      .poll(async () => {
        await clock.advance(1000);
        return await sentencesShown(shown.at(-1), page);
      })
      .toMatchObject({ tooltip: expect.stringMatching(said), overview: expect.stringMatching(said) });
    mend();
    await lab.rest().ask({ path: '/metrics' });
  });
});

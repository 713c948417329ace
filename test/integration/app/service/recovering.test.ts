import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Application, type ApplicationOptions } from '../../../../main/app/application.ts';
import { openHome } from '../../../../main/app/home/home.ts';
import { lockEngine } from '../../../../main/app/home/home-locks.ts';
import { startEngine } from '../../../../main/app/start-engine.ts';
import { TrayController } from '../../../../main/app/tray/tray-controller.ts';
import type { TrayModel } from '../../../../main/app/tray/tray-model.ts';
import { OpenJournal } from '../../../../main/backup/restore/swap/journal.ts';
import { answer, fakeEngine } from '../../../fakes/fake-engine.ts';
import { RestServer } from '../../../../main/headless/server/rest-server.ts';
import { tryLockFile } from '../../../../main/platform/file-lock.ts';
import { type CommandLab, sharedLab } from '../../../helpers/command-lab.ts';
import { type HeldRecovery, leaveHeldRecovery, leaveStoppedAgent } from '../../../helpers/held-recovery.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { RunningApplication } from '../../../helpers/running-application.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const minuteMs = 60_000;
const shared = sharedLab();
const options = { signal: new AbortController().signal, onProgress: () => undefined };
const sentence = 'Finishing an interrupted restore.';
const usual = 'Ready for the first backup.';
const refused =
  /^An interrupted restore is being finished \(begun .*\): wait for it to end, then try again\.$/u;

type Recovering = Readonly<{
  lab: CommandLab;
  app: Application;
  held: HeldRecovery;
  notices: readonly string[];
}>;

/** A home of which the application makes a backup first of all. */
async function labWithStartup(): Promise<CommandLab> {
  const lab = await shared().copy();
  vi.stubEnv('XDG_STATE_HOME', `${lab.base}/state`);
  await lab.json(['settings', 'set', 'onStartup', 'true']);
  await lab.json(['settings', 'set', 'onShutdown', 'false']);
  return lab;
}

async function opened(
  lab: CommandLab,
  given: Partial<ApplicationOptions> = {},
): Promise<Pick<Recovering, 'app' | 'notices'>> {
  const notices: string[] = [];
  const app = await Application.open({
    homeFolder: lab.home,
    passphrase: undefined,
    signal: options.signal,
    onNotice: (message) => void notices.push(message),
    ...given,
  });
  onTestFinished(async () => {
    await app.stop();
    vi.unstubAllEnvs();
  });
  return { app, notices };
}

/** An application that is putting right what an interrupted restore left, until the test lets it. */
async function recovering(given: Partial<ApplicationOptions> = {}): Promise<Recovering> {
  const lab = await labWithStartup();
  const held = await leaveHeldRecovery(lab.home);
  const { app, notices } = await opened(lab, given);
  onTestFinished(() => held.goOn());
  await held.reached;
  return { lab, app, held, notices };
}

async function backups(app: Application): Promise<number> {
  return (await app.engine.catalog()).runs(10, 'backup').length;
}

/** How much keeps the machine awake just now. */
function countingHolds() {
  let holds = 0;
  const holdAwake = (): Disposable => {
    holds += 1;
    return { [Symbol.dispose]: () => void (holds -= 1) };
  };
  return { holdAwake, count: () => holds };
}

describe('an application that puts an interrupted restore right', () => {
  it('says so at every door, and goes on to how all stands', async () => {
    const { lab, app, held, notices } = await recovering();
    const shown: TrayModel[] = [];
    const tray = new TrayController(app, { show: (model) => void shown.push(model) });
    onTestFinished(async () => await tray[Symbol.asyncDispose]());
    const onUnexpected = (error: unknown): never => {
      throw error;
    };
    await using server = await RestServer.start({
      application: app,
      port: 0,
      pagesFolder: undefined,
      onUnexpected,
    });
    const token = readFileSync(path.join(lab.home, 'api-token'), 'utf8').trim();
    const said = async () => ({
      tray: shown.at(-1)?.tooltip,
      page: await app.calls.dispatch('status.get', {}, options.signal),
      command: JSON.parse((await lab.run(['status', '--json'])).stdout) as unknown,
      figures: await (
        await fetch(`${server.address}/metrics`, { headers: { authorization: `Bearer ${token}` } })
      ).text(),
    });
    await expect.poll(() => shown.at(-1)?.tooltip).toBe(sentence);
    expect(await said()).toEqual({
      tray: sentence,
      page: { ok: true, value: expect.objectContaining({ state: 'recovering', sentence }) },
      command: expect.objectContaining({ state: 'recovering', sentence }),
      figures: expect.stringContaining(`sentence="${sentence}"`),
    });
    const items = shown.at(-1)?.items.flatMap((item) => (item.kind === 'menu' ? item.items : [])) ?? [];
    const backUps = items.filter((item) => item.kind === 'deed' && item.deed.do === 'backup');
    expect(backUps.map((item) => 'isEnabled' in item && item.isEnabled)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    await app.run('settingsSet', { path: ['enabled'], value: false }, options);
    held.goOn();
    await app.ready;
    await expect.poll(() => shown.at(-1)?.tooltip).toBe(usual);
    expect(await said()).toEqual({
      tray: usual,
      page: { ok: true, value: expect.objectContaining({ sentence: usual }) },
      command: expect.objectContaining({ sentence: usual }),
      figures: expect.stringContaining(`sentence="${usual}"`),
    });
    expect(notices).toEqual([expect.stringMatching(/^agent-one had been held to be restored/u)]);
  });

  it('refuses a backup of pages and of commands, and begins none itself before it is over', async () => {
    const { lab, app, held } = await recovering();
    expect(await rejectionOf(app.run('backup', {}, options))).toMatchObject({
      kind: 'busy',
      message: expect.stringMatching(refused),
    });
    const busy = { kind: 'busy', message: expect.stringMatching(refused) };
    const page = await app.calls.dispatch('backup.start', {}, options.signal);
    expect(page).toMatchObject({ ok: false, error: busy });
    const { code, stderr } = await lab.run(['backup']);
    expect({ code, stderr: stderr.trim() }).toEqual({ code: 4, stderr: expect.stringMatching(refused) });
    expect(await backups(app)).toBe(0);
    held.goOn();
    await app.ready;
    await expect.poll(async () => await backups(app)).toBe(1);
  });

  it('waits for it when it is stopped, and starts nothing after it', async () => {
    const { lab, app, held, notices } = await recovering();
    let isStopped = false;
    const stopped = app.stop().then(() => (isStopped = true));
    // Whoever comes then is told so, rather than to wait for the home.
    const { code, stderr } = await lab.run(['backup']);
    expect({ code, stderr: stderr.trim() }).toEqual({ code: 4, stderr: expect.stringMatching(refused) });
    expect([isStopped, app.engine.recovery.isRunning]).toEqual([false, true]);
    held.goOn();
    await stopped;
    expect((await lab.run(['status'])).stdout).not.toContain(sentence);
    await app.ready;
    expect([app.engine.recovery.isRunning, app.engine.scheduler?.nextRuns(3)]).toEqual([false, []]);
    expect(notices).toHaveLength(1);
  });

  it('tries again by itself where Docker is up later than it, as at a login', async () => {
    const lab = await shared().copy();
    await lab.json(['settings', 'set', 'enabled', 'false']);
    const socket = path.join(await tempFolder(), 's');
    await leaveStoppedAgent(lab.home, `unix://${socket}`);
    const running = await RunningApplication.start(lab);
    const { engine } = running.application;
    const said = 'An interrupted run is not put in order yet: ';
    expect((await running.run('status', {})).sentence.startsWith(said)).toBe(true);
    await running.clock.advance(minuteMs);
    await running.until(() => !engine.recovery.isRunning);
    expect(engine.recovery.problem).toBeDefined();
    await fakeEngine((_, response) => answer(response, 404, { message: 'Not here' }), undefined, socket);
    await running.clock.advance(minuteMs);
    await expect.poll(() => engine.recovery.problem).toBeUndefined();
    expect((await running.run('status', {})).sentence).toBe(usual);
    // What it lacked is said once, however often it is tried.
    await expect
      .poll(() => running.notices)
      .toEqual([expect.any(String), expect.stringMatching(/^agent-one had been held to be restored/u)]);
  });

  it('keeps the machine awake meanwhile, and for a backup that a person began', async () => {
    const { holdAwake, count } = countingHolds();
    const { app, held } = await recovering({ holdAwake });
    expect(count()).toBe(1);
    await app.run('settingsSet', { path: ['enabled'], value: false }, options);
    held.goOn();
    await app.ready;
    expect(count()).toBe(0);
    let most = 0;
    await app.run('backup', {}, { ...options, onProgress: () => (most = Math.max(most, count())) });
    expect([most, count()]).toEqual([1, 0]);
  });
});

describe('an application that starts', () => {
  it('copies nothing before a guard has put right what an interrupted restore left', async () => {
    const lab = await labWithStartup();
    const begun = { restoreId: '0123456789ab', backupId: 'ba9876543210', startedAt: '2026-03-02T12:00:00Z' };
    await (await OpenJournal.begin(lab.home, begun))[Symbol.asyncDispose]();
    const guard = await tryLockFile(path.join(lab.home, 'journals/restore-0123456789ab.json.lock'));
    const { app, notices } = await opened(lab);
    const refusal = await rejectionOf(app.run('backup', {}, options));
    expect([refusal, await backups(app)]).toMatchObject([{ kind: 'busy' }, 0]);
    await expect.poll(() => notices).toHaveLength(1);
    await guard?.[Symbol.asyncDispose]();
    await app.ready;
    await expect.poll(async () => await backups(app)).toBe(1);
    expect(notices).toEqual([
      'Waiting for the process that puts an interrupted restore right.',
      expect.stringMatching(/was cut off; everything is as it was before it\.$/u),
    ]);
  });

  it('is told when nothing can be put right, however soon that is', async () => {
    const lab = await labWithStartup();
    await leaveHeldRecovery(lab.home);
    const holdAwake = (): never => {
      throw new Error('The system is gone.');
    };
    const home = await openHome(lab.home);
    const given = { passphrase: undefined, onNotice: () => undefined, holdAwake };
    await using started = await startEngine(home, await lockEngine(home, { ...options, ...given }), given);
    expect(await rejectionOf(started.recovered)).toMatchObject({ message: 'The system is gone.' });
    expect(started.engine.recovery.isRunning).toBe(false);
  });

  it('does so although it cannot remove what an interrupted run left to be removed', async () => {
    const lab = await labWithStartup();
    // No lock can be had of it.
    mkdirSync(path.join(lab.home, 'scratch/0123456789abcdef.lock'), { recursive: true });
    const { app, notices } = await opened(lab);
    await app.ready;
    await expect.poll(async () => await backups(app)).toBe(1);
    expect(notices).toEqual([
      expect.stringMatching(/scratch could not be removed \(.*\)\. Remove it by hand/u),
    ]);
  });

  it('says that agents stay down, when they could not be started for a restore that is not over', async () => {
    const lab = await labWithStartup();
    const { app } = await opened(lab);
    await app.ready;
    await app.engine.writer.idle();
    const begun = { restoreId: '0123456789ab', backupId: 'ba9876543210', startedAt: '2026-03-02T12:00:00Z' };
    await using restore = await OpenJournal.begin(lab.home, begun);
    await leaveHeldRecovery(lab.home);
    await app.run('recover', {}, options);
    expect(app.engine.recovery.problem).toMatch(/^agent-one stay down/u);
    await restore.remove();
  });
});

describe('a command that puts an interrupted restore right', () => {
  it('is waited for by what it was asked, and others are told', async () => {
    const lab = await shared().copy();
    const held = await leaveHeldRecovery(lab.home);
    const first = lab.start(['list']);
    await held.reached;
    const status = await lab.run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ state: 'recovering', sentence });
    const { code, stderr } = await lab.run(['backup']);
    expect({ code, stderr: stderr.trim() }).toEqual({ code: 4, stderr: expect.stringMatching(refused) });
    held.goOn();
    const ended = await first.ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/^agent-one had been held to be restored/u);
  });
});

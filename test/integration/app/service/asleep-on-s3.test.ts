import { describe, expect, it } from 'vitest';
import { isPut } from '../../../fakes/s3/faults.ts';
import { MemoryS3 } from '../../../fakes/s3/memory-s3.ts';
import type { S3Request } from '../../../fakes/s3/exchange.ts';
import { type S3Server, startS3Server } from '../../../fakes/s3/s3-server.ts';
import { changeCrashInstall } from '../../crash/crash-install.ts';
import { CommandLab, emptyLab } from '../../../helpers/command-lab.ts';
import { RunningApplication } from '../../../helpers/running-application.ts';
import { tinyEngine, unwatched } from '../../../helpers/tiny-engine.ts';
import { runOperation } from '../../../../main/app/operations/run-operation.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const credentials = { accessKeyId: 'AKIDOFLAPTOP', secretAccessKey: 'secret of a laptop' };

type Laptop = Readonly<{
  lab: CommandLab;
  app: RunningApplication;
  store: MemoryS3;
  server: S3Server;
  location: string;
  recoveryKey: string;
}>;

/** One good backup of it lies on S3, and its install has changed since. */
async function laptop(): Promise<Laptop> {
  const store = new MemoryS3();
  const server = await startS3Server(store.backend);
  const location = `s3://bucket/trinity?endpoint=${server.endpoint}`;
  const { engine, base, recoveryKey } = await tinyEngine({ storage: { location, credentials } });
  for (const path of [['onShutdown'], ['drill', 'enabled']])
    await runOperation(engine, 'settingsSet', { path, value: false }, unwatched);
  await engine[Symbol.asyncDispose]();
  const lab = new CommandLab(base);
  const app = await RunningApplication.start(lab);
  await app.advance(2 * minuteMs);
  expect(await app.history()).toEqual(['scheduled succeeded']);
  changeCrashInstall(lab);
  return { lab, app, store, server, location, recoveryKey };
}

/** A backup begins, and the machine falls asleep while its packs are sent: their connections are dead when it wakes up. */
async function fallAsleep({ app, server }: Laptop): Promise<Readonly<{ wake: () => void }>> {
  const awake = Promise.withResolvers<void>();
  const asleep = Promise.withResolvers<void>();
  const isPack = (request: S3Request): boolean => isPut(request) && request.key?.includes('/packs/') === true;
  server.plan = (request) => {
    if (!isPack(request)) return undefined;
    asleep.resolve();
    return { kind: 'reset', when: 'before', until: awake.promise };
  };
  await app.clock.advance(6 * hourMs);
  await asleep.promise;
  app.application.power.sleeping();
  server.plan = () => undefined;
  const wake = (): void => {
    app.clock.sleep(hourMs);
    awake.resolve();
    app.application.power.wake();
  };
  return { wake };
}

const keys = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
};

/** Another machine with an install of its own, on the same vault. */
async function otherMachine({ location, recoveryKey }: Laptop): Promise<CommandLab> {
  const other = await emptyLab();
  await other.setUp();
  await other.json(['connect', '--vault', location, '--recovery-key', recoveryKey], 0, keys);
  return other;
}

describe('a laptop that falls asleep while it sends a backup to S3', () => {
  it('goes on where it was when it wakes up, though its connections are dead', async () => {
    const machine = await laptop();
    const { app } = machine;
    const { wake } = await fallAsleep(machine);
    expect((await app.run('list', { trashed: false })).backups).toHaveLength(1);
    expect((await app.run('status', {})).state).toBe('running');
    wake();
    await app.until(async () => (await app.history()).length === 2);
    expect(await app.history()).toEqual(['scheduled succeeded', 'scheduled succeeded']);
    expect(await app.run('verify', { data: 'full' })).toMatchObject({ ok: true });
  });

  it('lists nothing of it where another took the vault over meanwhile, says so, and makes it good', async () => {
    const machine = await laptop();
    const { app, store } = machine;
    const other = await otherMachine(machine);
    const { wake } = await fallAsleep(machine);
    // Its heartbeat stands still.
    for (const key of store.keys().filter((name) => name.includes('/locks/'))) store.age(key, hourMs);
    const { backupId } = (await other.json(['backup'], 0, keys)) as { backupId: string }; // as the command prints it
    wake();
    await app.until(async () => (await app.history()).length === 2);
    expect(await app.history()).toEqual(['scheduled failed', 'scheduled succeeded']);
    const { state, sentence } = await app.run('status', {});
    expect(state).toBe('attention');
    expect(sentence).toMatch(/^The \d\d:\d\d backup failed: .*was lost.*\. Last good backup .+\.$/u);
    const listed = async () =>
      (await app.run('list', { trashed: false })).backups.map((each) => each.backupId);
    expect(await listed()).toHaveLength(2);
    expect(await listed()).toContain(backupId);
    await app.advance(6 * minuteMs);
    expect((await app.history())[0]).toBe('scheduled succeeded');
    expect(await listed()).toHaveLength(3);
    expect(await app.run('verify', { data: 'full' })).toMatchObject({ ok: true });
  });
});

import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setDemoTime } from './demo-clock.ts';
import { Application } from '../../main/app/application.ts';
import type { InputOf, OperationName, ResultOf } from '../../main/app/operations/operations.ts';
import { systemClock } from '../../main/platform/clock.ts';
import { FolderStorage } from '../../main/storage/folder/folder-storage.ts';
import { evolveSample } from '../../main/trinity/sample/evolve-sample.ts';
import { type SampleInstall, writeSampleInstall } from '../../main/trinity/sample/write-sample.ts';

/** When the pictures are taken. */
export const demoNow = new Date('2026-11-20T09:12:00Z');

/** A name that is the same each time: it stands in the pictures. */
export const demoFolder = path.join(tmpdir(), 'trinity-demo');

const dayMs = 86_400_000;
const seed = 'demo';

// A storage tells the time by what it writes: proofs would be of the day when the pictures are taken.
FolderStorage.prototype.now = async () => await Promise.resolve(Date.now());

/** An application of a home in the demo's folder, that believes in the demo's time. */
export async function startDemoApplication(home = 'home'): Promise<Application> {
  return await Application.start({
    homeFolder: path.join(demoFolder, home),
    passphrase: undefined,
    onNotice: (message) => console.error(message),
    signal: new AbortController().signal,
    clock: { ...systemClock, now: () => Date.now() },
  });
}

let lastDay = 28;

/** One more day of work that no backup has yet. */
export function changeDemo(): void {
  lastDay += 1;
  const install = {
    installFolder: path.join(demoFolder, 'sample/trinity'),
    volumesRoot: path.join(demoFolder, 'sample/volumes'),
  };
  evolveSample(install, { day: lastDay, size: 'small', seed });
}

/** The sample install that is backed up. */
export async function writeDemoInstall(): Promise<SampleInstall> {
  return await writeSampleInstall(path.join(demoFolder, 'sample'), { size: 'small', seed });
}

/** What opens the vault of a lost server. */
export const demoPassphrase = 'four words of mine';

/** All that is left of a server: a vault with its backup. */
export async function loseDemo(): Promise<void> {
  await using application = await startDemoApplication('lost-home');
  const { installFolder: folder, volumesRoot } = await writeDemoInstall();
  const docker = { env: {}, home: demoFolder };
  await run(application, 'install', { folder, volumesRoot, lookIn: [], docker });
  const location = path.join(demoFolder, 'vault');
  await run(application, 'init', { location, passphrase: demoPassphrase });
  await run(application, 'settingsSet', { path: ['enabled'], value: false });
  await run(application, 'backup', {});
  await rm(path.join(demoFolder, 'sample'), { recursive: true });
}

/** A month of a sample install: backups every other day, one that failed, one that was cancelled, rehearsals, a copy, a pin. */
export async function liveThroughDemo(application: Application): Promise<void> {
  const install = await setUp(application);
  for (let day = 1; day <= lastDay; day += 1) {
    setDemoTime(new Date(demoNow.getTime() - (28.25 - day) * dayMs));
    evolveSample(install, { day, size: 'small', seed });
    await act(application, day);
  }
  setDemoTime(demoNow);
  await run(application, 'settingsSet', { path: ['enabled'], value: true });
}

async function setUp(application: Application): Promise<SampleInstall> {
  setDemoTime(new Date(demoNow.getTime() - 28.5 * dayMs));
  const install = await writeDemoInstall();
  const { installFolder, volumesRoot } = install;
  const docker = { env: {}, home: demoFolder };
  await run(application, 'install', { folder: installFolder, volumesRoot, lookIn: [], docker });
  await run(application, 'init', { location: path.join(demoFolder, 'vault') });
  // Else the schedule makes up for each day that the demo leaps over.
  await run(application, 'settingsSet', { path: ['enabled'], value: false });
  await run(application, 'copiesAdd', { location: path.join(demoFolder, 'offsite'), name: 'offsite' });
  return install;
}

async function act(application: Application, day: number): Promise<void> {
  if (day === 13) return await cancelOnce(application);
  if (day === 20)
    return await without(path.join(demoFolder, 'sample/trinity'), async () => await failOnce(application));
  if (day % 2 === 1 && day !== 27) return;
  const backUp = async (): Promise<void> => await backUpOn(application, day);
  await (day === 8 ? without(path.join(demoFolder, 'sample/volumes/agent-writer-shared'), backUp) : backUp());
  if (day % 14 === 0 || day === 27) await run(application, 'drill', {});
  if (day % 7 === 0) await run(application, 'verify', { data: 'sample' });
  await run(application, 'copiesRun', {});
}

async function backUpOn(application: Application, day: number): Promise<void> {
  if (day !== 12) return void (await run(application, 'backup', { trigger: 'scheduled' }));
  const note = 'before the update to 0.9.6';
  const { backupId } = await run(application, 'backup', { trigger: 'manual', note });
  await run(application, 'pin', { backupId, isPinned: true });
}

/** Does something while a file or folder is not where it was. */
async function without(place: string, work: () => Promise<void>): Promise<void> {
  await rename(place, `${place}.away`);
  try {
    await work();
  } finally {
    await rename(`${place}.away`, place);
  }
}

async function failOnce(application: Application): Promise<void> {
  await refused(run(application, 'backup', { trigger: 'scheduled' }));
}

async function cancelOnce(application: Application): Promise<void> {
  const cancel = new AbortController();
  const onProgress = (): void => cancel.abort();
  await refused(application.run('backup', {}, { signal: cancel.signal, onProgress }));
}

async function refused(work: Promise<unknown>): Promise<void> {
  const [outcome] = await Promise.allSettled([work]);
  if (outcome?.status !== 'rejected') throw new Error('The demo wanted this backup to fail.');
}

async function run<Name extends OperationName>(
  application: Application,
  name: Name,
  input: InputOf<Name>,
): Promise<ResultOf<Name>> {
  const options = { signal: new AbortController().signal, onProgress: () => undefined };
  return await application.run(name, input, options);
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import type { ServiceContext } from '../../../main/backup/services.ts';
import type { AccessPreference } from '../../../main/trinity/volumes/volume-access.ts';
import { createFolderStorage } from '../../../main/storage/folder-storage.ts';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import { createVault } from '../../../main/vault/open-vault.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { quietly, tinyKey, writeTinyDatabase } from '../../helpers/tiny-install.ts';
import { containerStates, pauseContainer, type ContainerState } from '../../services/docker/containers.ts';
import type { Engine } from '../../services/docker/engine.ts';
import { busyboxImage, ensureAgentImage, ensureBusyboxImage } from '../../services/docker/images.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { liveContext, livePlaces } from './live-context.ts';

export const echoVolume = 'agent-echo-workspace';
export const scoutVolume = 'agent-scout-workspace';

/** Containers that say at each start which generation of the data they find, and then only sleep. */
export interface LiveLab {
  readonly engine: Engine;
  readonly base: string;
  readonly folder: string;
  readonly home: string;
  readonly recoveryKey: string;
  readonly context: ServiceContext;
  /** Writes a generation into everything that is backed up. */
  write(this: void, generation: string): void;
  generations(this: void): readonly string[];
  /** What was found at each start so far, one line for each. */
  starts(this: void): string;
  states(this: void): Promise<Readonly<Record<string, string>>>;
}

const look = 'echo $(cat /echo/generation) $(cat /scout/generation) $(cat /data/generation) >> /log/starts;';
const places = { echo: echoVolume, scout: scoutVolume } as const;

export async function liveLab(
  engine: Engine = sharedEngine(),
  volumeAccess: AccessPreference = 'auto',
): Promise<LiveLab> {
  const base = await realpath(await tempFolder());
  const { folder, home, vaultFolder, log } = livePlaces(base);
  await ensureBusyboxImage(engine);
  if (volumeAccess === 'helper') await ensureAgentImage(engine);
  await writeCheckout(folder);
  for (const made of [home, log]) await mkdir(made, { mode: 0o700 });
  for (const name of Object.values(places)) await makeVolume(engine, name);
  const files = [
    ...Object.values(places).map((name) => path.join(engine.volumeData(name), 'generation')),
    path.join(folder, 'trinity-data/generation'),
  ];
  const write = (generation: string): void => files.forEach((file) => writeFileSync(file, generation));
  write('old');
  await startContainers(engine, folder, log);
  const recoveryKey = newRecoveryKey();
  const vault = await createVault({
    storage: await createFolderStorage(vaultFolder),
    hostLockFolder: path.join(home, 'locks'),
    secrets: [{ kind: 'recovery', recoveryKey }],
    now: Date.now(),
    freeSpace: { shareOfTotal: 0, bytes: 0 },
  });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  return {
    engine,
    base,
    folder,
    home,
    recoveryKey,
    context: liveContext({ folder, home, host: `unix://${engine.socket}`, vault, volumeAccess }),
    write,
    generations: () => files.map((file) => readFileSync(file, 'utf8')),
    starts: () => readFileSync(path.join(log, 'starts'), 'utf8'),
    states: async () => shownStates(await containerStates(engine)),
  };
}

/** One complete backup of the generation `old`, after which everything is of the generation `new`. */
export async function backedUpLab(
  engine?: Engine,
  volumeAccess?: AccessPreference,
): Promise<Readonly<{ lab: LiveLab; backupId: string }>> {
  const lab = await liveLab(engine, volumeAccess);
  const made = await createBackup(lab.context, { trigger: 'manual' }, quietly);
  expect(made).toMatchObject({ incomplete: false });
  lab.write('new');
  return { lab, backupId: made.backupId };
}

/** Journals of ours that are left, and folders beside or in volumes. */
export async function leftovers({ engine, home, folder }: LiveLab): Promise<readonly string[]> {
  const journals = await readdir(path.join(home, 'journals'));
  const volumes = await readdir(path.join(engine.place.dataRoot, 'volumes'), { recursive: true });
  const ours = (await engine.client.listVolumes()).Volumes.map(({ Name }) => Name);
  const names = [
    ...volumes,
    ...ours.filter((name) => name.startsWith('trinity-backup-')),
    ...(await readdir(folder, { recursive: true })),
  ];
  return [...journals, ...names.filter((name) => /\.?trinity-backup-/u.test(name))];
}

async function writeCheckout(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'trinity-data'), { recursive: true });
  await writeFile(path.join(folder, '.env'), `CREDENTIAL_ENCRYPTION_KEY=${tinyKey}\n`, { mode: 0o600 });
  await writeFile(path.join(folder, 'VERSION'), '0.9.5\n');
  writeTinyDatabase(path.join(folder, 'trinity-data/trinity.db'));
}

async function makeVolume({ client }: Engine, name: string): Promise<void> {
  const base = name.replace(/^agent-|-workspace$/gu, '');
  await client.createVolume({
    Name: name,
    Labels: { 'trinity.platform': 'agent-workspace', 'trinity.agent-name': base },
  });
  onTestFinished(
    async () =>
      await client
        .getVolume(name)
        .remove({ force: true })
        .catch(() => undefined),
  );
}

async function startContainers(engine: Engine, folder: string, log: string): Promise<void> {
  const mine = `${echoVolume}:/echo`;
  const both = [mine, `${scoutVolume}:/scout`];
  await startContainer(engine, { name: 'agent-echo', binds: both, log });
  // Without a log: it may be paused in the middle of its look, and end that on other data.
  await startContainer(engine, { name: 'agent-paused', binds: both });
  await pauseContainer(engine, 'agent-paused');
  await startContainer(engine, { name: 'agent-stopped', binds: both, log });
  await engine.client.getContainer('agent-stopped').stop({ t: 0 });
  const data = `${path.join(folder, 'trinity-data')}:/data`;
  await startContainer(engine, { name: 'trinity-scheduler', binds: [data], log, service: 'scheduler' });
  await startContainer(engine, { name: 'bystander', binds: [], log });
}

/** An agent with a volume of its own that takes a second to stop. */
export async function startSlowAgent(engine: Engine): Promise<void> {
  const volume = 'agent-slow-workspace';
  await makeVolume(engine, volume);
  await startContainer(engine, { name: 'agent-slow', binds: [`${volume}:/slow`], stopSeconds: 1 });
}

type Started = Readonly<{
  name: string;
  binds: readonly string[];
  log?: string;
  service?: string;
  /** How long it takes to stop. */
  stopSeconds?: number;
}>;

export async function startContainer(engine: Engine, started: Started): Promise<void> {
  const { name, binds, log, service, stopSeconds = 0 } = started;
  const isAgent = name.startsWith('agent-');
  const container = await engine.client.createContainer({
    name,
    Image: busyboxImage,
    Cmd: [
      '/bin/sh',
      '-c',
      `${log === undefined ? '' : look} trap "sleep ${String(stopSeconds)}; exit 0" TERM; while true; do sleep 0.1; done`,
    ],
    Labels: {
      ...(isAgent ? { 'trinity.platform': 'agent' } : {}),
      ...(service === undefined
        ? {}
        : { 'com.docker.compose.project': 'trinity', 'com.docker.compose.service': service }),
    },
    HostConfig: {
      Binds: log === undefined ? [...binds] : [...binds, `${log}:/log`],
      NetworkMode: 'none',
      RestartPolicy: { Name: 'unless-stopped' },
    },
  });
  onTestFinished(async () => await container.remove({ force: true }).catch(() => undefined));
  if (log === undefined) {
    await container.start();
    return;
  }
  const before = linesOf(log);
  await container.start();
  // What is stopped in the middle of it would say nothing.
  await expect.poll(() => linesOf(log)).toBe(before + 1);
}

function linesOf(log: string): number {
  const file = path.join(log, 'starts');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 1;
}

function shownStates(states: Readonly<Record<string, ContainerState>>): Readonly<Record<string, string>> {
  const shown = Object.entries(states).map(([name, { state, restartPolicy }]) => [
    name,
    `${state} ${restartPolicy}`,
  ]);
  return Object.fromEntries(shown);
}

import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Engine } from '../../main/app/engine.ts';
import { openHome } from '../../main/app/home/home.ts';
import { EntitlementService } from '../../main/backup/entitlements/entitlement-service.ts';
import { writeCrashInstall } from '../integration/crash/crash-install.ts';
import { quietly } from './tiny-install.ts';
import { tempFolder } from './temp-folder.ts';
import { runOperation } from '../../main/app/operations/run-operation.ts';

export type TinyEngine = Readonly<{
  engine: Engine;
  base: string;
  install: string;
  volumes: string;
  vault: string;
  recoveryKey: string;
  /** Ends the engine and begins another on the same home. */
  restart: () => Promise<Engine>;
}>;

type S3Credentials = Readonly<{ accessKeyId: string; secretAccessKey: string }>;

/** What operations are given, by somebody who waits for nothing. */
export const unwatched = { ...quietly, onProgress: () => undefined };

/** The engine of a new home with a small install and an empty vault. Its edition has every module unless said otherwise. */
export async function tinyEngine(
  options: Readonly<{
    now?: () => number;
    isEntitled?: boolean;
    /** In place of a folder. */
    storage?: Readonly<{ location: string; credentials: S3Credentials }>;
  }> = {},
): Promise<TinyEngine> {
  const base = await tempFolder();
  const places = { install: path.join(base, 'trinity'), volumes: path.join(base, 'volumes') };
  writeCrashInstall(places);
  const start = async (): Promise<Engine> => {
    const entitlements = new EntitlementService();
    if (options.isEntitled !== false) entitlements.registerModule('backup');
    const home = await openHome(path.join(base, 'home'));
    return new Engine(home, { entitlements, ...(options.now === undefined ? {} : { now: options.now }) });
  };
  let engine = await start();
  onTestFinished(async () => await engine[Symbol.asyncDispose]());
  const install = { installId: '1'.repeat(32), folder: places.install, volumesRoot: places.volumes };
  await engine.settings.change((settings) => ({ ...settings, install }));
  const vault = path.join(base, 'vault');
  const { recoveryKey } = await runOperation(
    engine,
    'init',
    options.storage ?? { location: vault },
    unwatched,
  );
  const restart = async (): Promise<Engine> => {
    await engine[Symbol.asyncDispose]();
    engine = await start();
    return engine;
  };
  return { engine, base, ...places, vault, recoveryKey, restart };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { S3Request } from '../fakes/s3/exchange.ts';
import { isPut } from '../fakes/s3/faults.ts';
import type { S3Server } from '../fakes/s3/s3-server.ts';
import { commandFile } from '../helpers/command-file.ts';
import { CommandLab, passphrase } from '../helpers/command-lab.ts';
import type { Ended, RunningCommand } from '../helpers/command-lab.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import {
  changeCrashInstall,
  digestOfInstall,
  writeCrashInstall,
} from '../integration/crash/crash-install.ts';
import { newSwiftLocation, swiftCredentials } from '../services/swift/test-bucket.ts';

/** A small install whose only vault is on Swift, worked on by the built command alone. */
export class S3Lab {
  readonly lab: CommandLab;
  readonly location: string;
  recoveryKey = '';

  constructor(lab: CommandLab, location: string) {
    this.lab = lab;
    this.location = location;
  }

  get credentialsFile(): string {
    return path.join(this.lab.base, 'credentials');
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
    const hook = path.join(path.dirname(commandFile()), 'storage-hook.child.js');
    const inTest = { NODE_ENV: 'test', TRINITY_BACKUP_TEST_HOOK: hook };
    return this.lab.start([...args, '--json'], { ...inTest, ...env });
  }

  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return await this.start(args, env).ended;
  }

  async json(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
    const ended = await this.run(args, env);
    if (ended.code !== 0)
      throw new Error(`${args.join(' ')} ended with ${String(ended.code)}: ${ended.stderr}`);
    return JSON.parse(ended.stdout);
  }

  async backUp(): Promise<string> {
    const { backupId } = (await this.json(['backup'])) as { backupId: string }; // as backup prints it
    return backupId;
  }

  async listed(): Promise<readonly string[]> {
    const backups = (await this.json(['list'])) as { backupId: string }[]; // as list prints it
    return backups.map(({ backupId }) => backupId);
  }

  change(): void {
    changeCrashInstall(this.lab);
  }

  liveDigest(): string {
    return digestOfInstall(this.lab);
  }

  /** Another machine, which knows the vault by its location and recovery key only. */
  elsewhere(): S3Lab {
    const base = path.join(this.lab.base, 'elsewhere');
    mkdirSync(base);
    const other = new S3Lab(new CommandLab(base), this.location);
    writeCredentials(other);
    return other;
  }
}

/** A lab with a vault in a new bucket, reached directly or through another address. */
export async function newS3Lab(through?: string): Promise<S3Lab> {
  const made = new S3Lab(new CommandLab(await tempFolder()), await newSwiftLocation(through));
  const { lab, location, credentialsFile } = made;
  writeCrashInstall(lab);
  writeCredentials(made);
  writeFileSync(lab.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  await made.json(['install', '--path', lab.install, '--volumes-root', lab.volumes]);
  const init = ['init', '--vault', location, '--credentials-file', credentialsFile];
  const { recoveryKey } = (await made.json([...init, '--passphrase-file', lab.passphraseFile])) as {
    recoveryKey: string; // as init prints it
  };
  made.recoveryKey = recoveryKey;
  return made;
}

function writeCredentials({ credentialsFile }: S3Lab): void {
  const { accessKeyId, secretAccessKey } = swiftCredentials;
  writeFileSync(credentialsFile, `${accessKeyId}\n${secretAccessKey}\n`, { mode: 0o600 });
}

/** Everything that was committed is there and whole; nothing else is listed. */
export async function expectWhole(s3: S3Lab, backupIds: readonly string[]): Promise<readonly string[]> {
  const listed = await s3.listed();
  expect(backupIds.filter((id) => !listed.includes(id))).toEqual([]);
  expect(await s3.json(['verify', '--data', 'full'])).toMatchObject({ ok: true, damaged: [] });
  return listed;
}

/** The sending of a pack. */
export function isPack(request: S3Request): boolean {
  return isPut(request) && request.key?.includes('/packs/') === true;
}

/** Resolves when so many packs have been sent. */
export async function packsUnderWay({ requests }: S3Server, count: number): Promise<void> {
  while (requests.filter(isPack).length < count) await delay(10);
}

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { writeCrashInstall } from '../integration/crash/crash-install.ts';
import { commandFile } from './command-file.ts';
import { removeFolder, tempFolder } from './temp-folder.ts';

export type Ended = Readonly<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;

export type RunningCommand = Readonly<{
  pid: number;
  kill: (signal: NodeJS.Signals) => void;
  ended: Promise<Ended>;
}>;

export const passphrase = 'correct horse battery staple';

/** A small install with its home and vault in one folder, worked on by the built command alone. */
export class CommandLab {
  readonly base: string;
  readonly home: string;
  readonly install: string;
  readonly volumes: string;
  readonly vault: string;
  /** What its commands run in. */
  readonly env: NodeJS.ProcessEnv;
  readonly #command: string | undefined;

  /** `command` is the built command of another edition. */
  constructor(base: string, options: Readonly<{ env?: NodeJS.ProcessEnv; command?: string }> = {}) {
    this.base = base;
    this.home = path.join(base, 'home');
    this.install = path.join(base, 'trinity');
    this.volumes = path.join(base, 'volumes');
    this.vault = path.join(base, 'vault');
    this.env = { ...environmentOf(base), ...options.env };
    this.#command = options.command;
  }

  get passphraseFile(): string {
    return path.join(this.base, 'passphrase');
  }

  get recoveryKey(): string {
    return readFileSync(path.join(this.base, 'recovery-key'), 'utf8');
  }

  /** `through` is a command that starts it in its own way. */
  start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    through: readonly string[] = [],
  ): RunningCommand {
    const [program = '', ...rest] = [...through, process.execPath, this.#command ?? commandFile(), ...args];
    const child = spawn(program, rest, {
      cwd: this.base,
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    const ended = output.then(([stdout, stderr]) => ({
      stdout,
      stderr,
      code: child.exitCode,
      signal: child.signalCode,
    }));
    return { pid: child.pid ?? 0, kill, ended };
  }

  async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    through: readonly string[] = [],
  ): Promise<Ended> {
    return await this.start(args, env, through).ended;
  }

  /** The one JSON document of a command that does its work, with exit 0 unless said otherwise. */
  async json(args: readonly string[], code = 0, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
    const ended = await this.run([...args, '--json'], env);
    if (ended.code !== code) throw new Error(`${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
    return JSON.parse(ended.stdout);
  }

  /** Writes an install, sets it, makes a vault with a passphrase. */
  async setUp(env: NodeJS.ProcessEnv = {}): Promise<void> {
    writeCrashInstall(this);
    writeFileSync(this.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    await this.json(['install', '--path', this.install, '--volumes-root', this.volumes], 0, env);
    const init = ['init', '--vault', this.vault, '--passphrase-file', this.passphraseFile];
    const made = await this.json(init, 0, env);
    const { recoveryKey } = made as { recoveryKey: string }; // as init prints it; a wrong one opens nothing
    writeFileSync(path.join(this.base, 'recovery-key'), recoveryKey);
  }

  /** A copy of this lab that goes with the running test. */
  async copy(): Promise<CommandLab> {
    const base = await tempFolder();
    // Node's own copying loses the last digits of times.
    execFileSync('cp', ['-a', `${this.base}/.`, base]);
    const copied = new CommandLab(base);
    for (const name of ['settings.json', 'copies.json']) {
      const file = path.join(copied.home, name);
      if (!existsSync(file)) continue;
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(this.base, base), { mode: 0o600 });
    }
    return copied;
  }
}

/** A lab without anything in it, for the running test. */
export async function emptyLab(): Promise<CommandLab> {
  return new CommandLab(await tempFolder());
}

/** One lab for all tests of a file, set up once; they copy it. */
export function sharedLab(
  prepare: (lab: CommandLab) => Promise<void> = async () => undefined,
): () => CommandLab {
  let lab: CommandLab | undefined;
  beforeAll(async () => {
    lab = new CommandLab(await mkdtemp(path.join(tmpdir(), 'trinity-test-')));
    await lab.setUp();
    await prepare(lab);
  });
  afterAll(async () => {
    if (lab !== undefined) await removeFolder(lab.base);
  });
  return () => {
    if (lab === undefined) throw new Error('The lab is not set up.');
    return lab;
  };
}

/** Makes the storage calls of commands wait where a test wants them to (test/fakes/pausing-hook.child.ts). */
export class Pause {
  readonly #folder: string;
  readonly env: NodeJS.ProcessEnv;

  /** Before the first call of this operation for a name that starts so. */
  constructor(base: string, call: Readonly<{ operation: string; prefix: string }>) {
    this.#folder = path.join(base, 'pause');
    mkdirSync(this.#folder);
    this.env = {
      NODE_ENV: 'test',
      TRINITY_BACKUP_TEST_HOOK: path.join(path.dirname(commandFile()), 'pausing-hook.child.js'),
      TRINITY_TEST_PAUSE: JSON.stringify({ folder: this.#folder, ...call }),
    };
    onTestFinished(() => this.goOn());
  }

  /** Resolves when a command waits there. */
  async reached(): Promise<void> {
    await waitFor(path.join(this.#folder, 'reached'));
  }

  goOn(): void {
    writeFileSync(path.join(this.#folder, 'go-on'), '');
  }
}

async function waitFor(file: string): Promise<void> {
  while (!existsSync(file)) await delay(10);
}

function environmentOf(base: string): NodeJS.ProcessEnv {
  const own = [
    'TRINITY_BACKUP_PASSPHRASE',
    'TRINITY_BACKUP_RECOVERY_KEY',
    'TRINITY_BACKUP_DEBUG',
    'XDG_CONFIG_HOME',
  ];
  const inherited = Object.entries(process.env).filter(([name]) => !own.includes(name));
  return {
    ...Object.fromEntries(inherited),
    HOME: base,
    TZ: 'UTC',
    TRINITY_BACKUP_HOME: path.join(base, 'home'),
    XDG_STATE_HOME: path.join(base, 'state'),
  };
}

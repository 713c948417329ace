import { lstatSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../../build/entries.ts';
import { folderBytes, type Measured, run } from './run.ts';

/** A tool that backs up one folder; `prepare` makes its empty repository. */
export type Tool = Readonly<{
  name: string;
  prepare: () => Promise<void>;
  backup: () => Promise<Measured>;
  /** Restores the newest backup into an empty folder, which is made. */
  restore?: (target: string) => Promise<Measured>;
  storedBytes: () => Promise<number>;
}>;

export function restic(work: string, data: string): Tool {
  const repository = path.join(work, 'restic');
  const options = {
    env: {
      RESTIC_PASSWORD: 'bench',
      RESTIC_REPOSITORY: repository,
      RESTIC_CACHE_DIR: path.join(work, 'restic-cache'),
    },
    cwd: path.dirname(data),
  };
  return {
    name: 'restic',
    prepare: async () => void (await run('restic', ['init', '-q'], options)),
    backup: async () => await run('restic', ['backup', '-q', path.basename(data)], options),
    restore: async (target) => await run('restic', ['restore', '-q', 'latest', '--target', target], options),
    storedBytes: async () => await folderBytes(repository),
  };
}

export function borg(work: string, data: string): Tool {
  const repository = path.join(work, 'borg');
  const options = {
    env: { BORG_PASSPHRASE: 'bench', BORG_BASE_DIR: path.join(work, 'borg-home') },
    cwd: path.dirname(data),
  };
  let count = 0;
  return {
    name: 'borg',
    prepare: async () => {
      await mkdir(path.join(work, 'borg-home'), { recursive: true });
      await run('borg', ['init', '-e', 'repokey-blake2', repository], options);
    },
    backup: async () => {
      count += 1;
      return await run(
        'borg',
        ['create', '-C', 'zstd,1', `${repository}::${count}`, path.basename(data)],
        options,
      );
    },
    restore: async (target) => {
      await mkdir(target, { recursive: true });
      return await run('borg', ['extract', `${repository}::${count}`], { ...options, cwd: target });
    },
    storedBytes: async () => await folderBytes(repository),
  };
}

export function tarZstd(work: string, data: string): Tool {
  const folder = path.join(work, 'tar');
  const script = `tar -C ${path.dirname(data)} -cf - ${path.basename(data)} | zstd -q -1 -T2 -f -o ${folder}/all.tar.zst`;
  return {
    name: 'tar and zstd -1',
    prepare: async () => void (await mkdir(folder, { recursive: true })),
    backup: async () => await run('sh', ['-c', script]),
    storedBytes: async () => await folderBytes(folder),
  };
}

/** Our own command on an install whose one agent has `data` as its volume, or whose database is `data`'s one file. */
export type Ours = Tool &
  Readonly<{
    command: (args: readonly string[], okCodes?: readonly number[]) => Promise<Measured>;
    /** Makes a backup and says how long its event loop was held up. */
    loopDelay: () => Promise<LoopDelay>;
  }>;

export type LoopDelay = Readonly<{ p99Ms: number; mostMs: number }>;

export function ours(
  work: string,
  install: Readonly<{ folder: string; volumes: string }>,
  name = 'trinity',
): Ours {
  const vault = path.join(work, `${name}-vault`);
  const options = {
    env: {
      TRINITY_BACKUP_HOME: path.join(work, `${name}-home`),
      TRINITY_BACKUP_PASSPHRASE: 'bench bench bench',
    },
  };
  const bundle = path.join(projectFolder, 'dist/trinity-backup.js');
  const command = async (args: readonly string[], okCodes: readonly number[] = [0]): Promise<Measured> =>
    await run(process.execPath, [...extraNodeArguments(), bundle, '--json', ...args], {
      ...options,
      okCodes,
    });
  const loopDelay = async (): Promise<LoopDelay> => {
    const file = path.join(work, `${name}-loop-delay.json`);
    const observer = path.join(projectFolder, 'test/bench/loop-delay.ts');
    await run(process.execPath, ['--import', observer, bundle, '--json', 'backup'], {
      env: { ...options.env, BENCH_LOOP_DELAY_FILE: file },
    });
    return JSON.parse(readFileSync(file, 'utf8')) as LoopDelay;
  };
  return {
    name: 'Trinity Backup',
    prepare: async () => {
      await rm(vault, { recursive: true, force: true });
      await command(['install', '--path', install.folder, '--volumes-root', install.volumes]);
      await command(['init', '--vault', vault]);
    },
    backup: async () => await command(['backup']),
    restore: async (target) => {
      const { stdout } = await command(['list']);
      const [newest] = JSON.parse(stdout) as readonly { backupId: string }[];
      if (newest === undefined) throw new Error('no backup is listed');
      return await command(['restore', newest.backupId, '--to', target]);
    },
    // The reserve against a full disk is no stored data.
    storedBytes: async () => (await folderBytes(vault)) - sizeOf(path.join(vault, 'reserve')),
    command,
    loopDelay,
  };
}

/** For profiling: what stands in BENCH_NODE_ARGUMENTS goes to Node. */
function extraNodeArguments(): readonly string[] {
  return (process.env['BENCH_NODE_ARGUMENTS'] ?? '').split(' ').filter((argument) => argument !== '');
}

function sizeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { backupListText, shownBackupText } from '../output/backup-text.ts';
import { differenceText, filesText, foundText } from '../output/entry-text.ts';
import type { CommandHost } from '../command-host.ts';
import { type Act, type CommandOptions, withWarnings } from './act.ts';
import { sayCopy } from './say-copy.ts';

const fromCopy = ['--from <name>', 'read this copy of the vault'] as const;

export function addLookCommands(program: Command, act: Act): void {
  program
    .command('list')
    .description('the backups, newest first')
    .option('--trash', 'those in the trash')
    .option(...fromCopy)
    .action(act(list));
  program
    .command('show')
    .description('one backup with its parts, warnings and notes')
    .argument('<id>')
    .option(...fromCopy)
    .action(
      act(async (host, { from }, [backupId = '']) => {
        const backup = await host.run('show', { backupId, from });
        sayCopy(host, backup, from);
        host.terminal.print(backup, () => shownBackupText(backup, Date.now()));
      }),
    );
  program
    .command('files')
    .description('what lies in a folder of a backup')
    .argument('<id>')
    .option('--component <name>', 'of this component only')
    .option('--volume <name>', 'of this volume only')
    .option('--path <path>', 'a folder or file, as files or find show it')
    .option(...fromCopy)
    .action(act(files));
  program
    .command('diff')
    .description('what changed from one backup to another')
    .argument('<id>')
    .argument('<id>')
    .option(...fromCopy)
    .action(
      act(async (host, { from }, [firstId = '', secondId = '']) => {
        const difference = await host.run('diff', { firstId, secondId, from });
        sayCopy(host, difference, from);
        host.terminal.print(difference, () => differenceText(difference));
      }),
    );
  program
    .command('find')
    .description('look for files by name in all backups')
    .argument('<name>', 'a part of the name, or a pattern such as "*.md"')
    .option(...fromCopy)
    .action(
      act(async (host, { from }, [name = '']) => {
        const result = await host.run('find', { name, from });
        sayCopy(host, result, from);
        host.terminal.print(result, () => foundText(result, Date.now()));
        if (result.unreadable.length > 0) return withWarnings;
        return result.found.length > 0 ? 0 : notFound(host, name);
      }),
    );
}

async function list(host: CommandHost, { trash, from }: CommandOptions): Promise<number> {
  const listed = await host.run('list', { trashed: trash === true, from });
  const { backups, unreadable } = listed;
  sayCopy(host, listed, from);
  // After all others: nobody can say when they were made.
  const damaged = unreadable.map((backup) => ({ ...backup, state: 'unreadable' }));
  host.terminal.print([...backups, ...damaged], () => backupListText(backups, Date.now()));
  for (const { backupId, reason } of unreadable) {
    host.terminal.say(`Warning: backup ${backupId} cannot be read: ${reason}`);
  }
  return unreadable.length > 0 ? withWarnings : 0;
}

async function files(
  host: CommandHost,
  options: CommandOptions,
  [backupId = '']: readonly string[],
): Promise<void> {
  const { component, volume, path, from } = options;
  const found = await host.run('files', {
    backupId,
    from,
    ...(component === undefined ? {} : { component }),
    ...(volume === undefined ? {} : { volume }),
    ...(typeof path === 'string' ? { path } : {}),
  });
  sayCopy(host, found, from);
  host.terminal.print(found, () => filesText(found, Date.now()));
}

/** Nothing found is no error for a program that reads the JSON, and exit 5 for a script that asks. */
function notFound(host: CommandHost, name: string): number {
  if (host.terminal.options.json) return 5;
  throw new AppError(
    'not-found',
    `No backup holds a file named like "${name}": try a part of the name, or a pattern such as "*.md".`,
  );
}

import type { Command } from 'commander';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import { momentText } from '../../../../shared/lib/time-text.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import type { PruneOutcome } from '../../../backup/retention/prune.ts';
import type { CommandHost } from '../command-host.ts';
import { tableText } from '../output/table.ts';
import type { Act, CommandOptions } from './act.ts';

export function addKeepCommands(program: Command, act: Act): void {
  for (const isPinned of [true, false]) {
    program
      .command(isPinned ? 'pin' : 'unpin')
      .description(
        isPinned ? 'keep a backup whatever the rules say' : 'let the rules decide on a backup again',
      )
      .argument('<id>')
      .action(
        act(async (host, _options, [backupId = '']) => {
          const result = await host.run('pin', { backupId, isPinned });
          host.terminal.print(
            result,
            () => `Backup ${backupId} is ${isPinned ? 'pinned' : 'not pinned any more'}.`,
          );
        }),
      );
  }
  program
    .command('delete')
    .description('move a backup to the trash')
    .argument('<id>')
    .action(
      act(async (host, _options, [backupId = '']) => {
        const result = await host.run('delete', { backupId });
        const days = countOf(result.trashDays, 'day');
        host.terminal.print(
          result,
          () => `Backup ${backupId} is in the trash, for ${days}: undelete brings it back.`,
        );
      }),
    );
  program
    .command('undelete')
    .description('bring a backup back from the trash')
    .argument('<id>')
    .action(
      act(async (host, _options, [backupId = '']) => {
        const result = await host.run('undelete', { backupId });
        host.terminal.print(result, () => `Backup ${backupId} is back.`);
      }),
    );
  program
    .command('prune')
    .description('move the backups that no rule keeps to the trash')
    .option('--dry-run', 'only tell which')
    .option('--confirm', 'also when more than half would go')
    .option('--files <id>', 'only tell the files whose last copy would go with this backup')
    .action(act(prune));
}

async function prune(host: CommandHost, options: CommandOptions): Promise<void> {
  if (options.files !== undefined) {
    const last = await host.run('lastCopies', { backupId: options.files });
    host.terminal.print(last, () => lastCopiesText(last));
    return;
  }
  const outcome = await host.run('prune', {
    dryRun: options.dryRun === true,
    confirmed: options.confirm === true,
  });
  host.terminal.print(outcome, () => pruneText(outcome, Date.now()));
}

function lastCopiesText({ backupId, count, bytes, files }: ResultOf<'lastCopies'>): string {
  if (count === 0) return `Every file of backup ${backupId} is in another backup that stays, as it is there.`;
  const named = files.map(({ component, volume, path, size }) => {
    const source = sourceText({ component, volume });
    return `  ${source}/${path} (${sizeText(size)})`;
  });
  const more = count > files.length ? [`  and ${count - files.length} more`] : [];
  const head = `${countOf(count, 'file')} (${sizeText(bytes)}) are as they are in backup ${backupId} in no other backup that stays:`;
  return [head, ...named, ...more].join('\n');
}

function pruneText(
  { dryRun, pruned, kept, offered, waiting, bytesFreed }: PruneOutcome,
  nowMs: number,
): string {
  const rows = (backups: PruneOutcome['pruned']): string =>
    tableText(
      [{ title: 'ID' }, { title: 'WHEN' }, { title: 'STORED', right: true }, { title: 'FREES', right: true }],
      backups.map((backup) => [
        backup.backupId,
        momentText(Date.parse(backup.timestamp), nowMs),
        sizeText(backup.bytesStored),
        backup.bytesFreed === undefined ? '' : sizeText(backup.bytesFreed),
      ]),
    );
  const what = dryRun
    ? 'would go to the trash'
    : pruned.length === 1
      ? 'is in the trash now'
      : 'are in the trash now';
  return [
    ...(pruned.length > 0 ? [rows(pruned)] : []),
    `${countOf(pruned.length, 'backup')} ${what}, ${countOf(kept, 'backup')} ${kept === 1 ? 'stays' : 'stay'}.${freedText(bytesFreed)}`,
    ...(waiting.length > 0
      ? ['', 'No rule keeps these; they stay until each required copy of the vault has them:', rows(waiting)]
      : []),
    ...(offered.length > 0
      ? ['', 'Safety backups of over 30 days, which only delete removes:', rows(offered)]
      : []),
  ].join('\n');
}

function freedText(bytesFreed: number | null | undefined): string {
  if (bytesFreed === undefined || bytesFreed === 0) return '';
  if (bytesFreed === null) return ' What that frees cannot be told, since something in the vault is damaged.';
  return ` That frees ${sizeText(bytesFreed)} in the vault when their days in the trash are over.`;
}

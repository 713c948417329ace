import type { Command } from 'commander';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { countOf, sizeText } from '../../../../shared/lib/size-text.ts';
import type { ResultOf } from '../../../app/operations/operations.ts';
import { absolutePath, collect, namesOf } from '../arguments.ts';
import type { CommandHost } from '../command-host.ts';
import { backupDoneText } from '../output/backup-text.ts';
import { findingsText } from '../output/findings.ts';
import { type Act, type CommandOptions, withWarnings } from './act.ts';
import { sayCopy } from './say-copy.ts';

export function addRunCommands(program: Command, act: Act): void {
  program
    .command('backup')
    .description('make one backup')
    .option('--only <components>', 'these only, for example persistence,memory')
    .option('--agent <name>', 'the volumes of this agent only; may be repeated', collect)
    .option('--note <text>', 'kept with the backup')
    .option('--no-compress', 'store without compressing')
    .action(act(backup));
  program
    .command('finish')
    .description('do what is left of a new install: load its database, then start its agents')
    .option('--confirm', 'replace a database that holds tables already')
    .action(act(finish));
  program
    .command('export')
    .description('write an agent or a component of a backup as an archive that any tool opens')
    .argument('<id>')
    .option('--agent <name>', 'the volumes of this agent', collect)
    .option('--component <name>', 'this component')
    .requiredOption('--output <file>', 'ends in .zip or .tar.gz')
    .option('--from <name>', 'out of this copy of the vault')
    .action(act(exportBackup));
}

async function backup(host: CommandHost, options: CommandOptions): Promise<number> {
  const { agent, note, compress } = options;
  const only = namesOf('--only', options.only);
  const outcome = await host.run('backup', {
    ...(only === undefined ? {} : { only }),
    ...(agent === undefined ? {} : { agents: agent }),
    ...(note === undefined ? {} : { note }),
    ...(compress === false ? { compress } : {}),
  });
  host.terminal.print(outcome, () => backupDoneText(outcome));
  return outcome.incomplete || outcome.warnings.length > 0 ? withWarnings : 0;
}

async function finish(host: CommandHost, { confirm }: CommandOptions): Promise<number> {
  const outcome = await host.run('finish', { confirm: confirm === true });
  host.terminal.print(outcome ?? { isDone: true }, () =>
    outcome === null ? 'Nothing is left to do.' : finishText(outcome),
  );
  return outcome === null || (outcome.isDone && outcome.warnings.length === 0) ? 0 : withWarnings;
}

function finishText(outcome: NonNullable<ResultOf<'finish'>>): string {
  const { database, started, safetyBackupId, isDone, nextStep } = outcome;
  return [
    ...(database === 'loaded' ? ['The database is restored and checked.'] : []),
    ...(safetyBackupId === null ? [] : [`What was there before is backup ${safetyBackupId}.`]),
    ...(started.length === 0 ? [] : [`${countOf(started.length, 'agent')} run: ${started.join(', ')}.`]),
    ...(nextStep === null ? [] : [nextStep]),
    ...(isDone ? ['Nothing is left to do.'] : []),
    ...findingsText(outcome),
  ].join('\n');
}

async function exportBackup(
  host: CommandHost,
  options: CommandOptions,
  [backupId = '']: readonly string[],
): Promise<number> {
  const { agent, component, output = '', from } = options;
  if ((agent?.length ?? 0) + (component === undefined ? 0 : 1) !== 1) {
    throw new AppError('usage', 'Name either one agent with --agent or one component with --component.');
  }
  const outcome = await host.run('export', {
    backupId,
    from,
    output: absolutePath('--output', output),
    ...(agent?.[0] === undefined ? {} : { agent: agent[0] }),
    ...(component === undefined ? {} : { component }),
  });
  sayCopy(host, outcome, from);
  host.terminal.print(outcome, () =>
    [
      `${countOf(outcome.files, 'file')} (${sizeText(outcome.bytes)}) ${outcome.files === 1 ? 'is' : 'are'} in ${outcome.output}, ${sizeText(outcome.archiveBytes)}, readable by whoever has the file.`,
      ...findingsText(outcome),
    ].join('\n'),
  );
  return outcome.warnings.length > 0 ? withWarnings : 0;
}
